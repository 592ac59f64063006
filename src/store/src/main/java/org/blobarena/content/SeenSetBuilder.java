package org.blobarena.content;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.blobarena.arena.ArenaOptions;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;

/**
 * Options of a set of keys, for use by one thread.
 *
 * @param <K> the type of keys
 */
public final class SeenSetBuilder<K> {

    /** Keys that are encoded already: arrays that nobody changes, in buffers that have all of them. */
    static final KeyCodec<ByteBuffer> ENCODED = new KeyCodec<>() {

        @Override
        @SuppressWarnings("ByteBufferBackingArray") // It is all of the buffer.
        public byte[] encode(ByteBuffer key) {
            return key.array();
        }

        @Override
        public ByteBuffer decode(byte[] bytes) {
            return ByteBuffer.wrap(bytes);
        }
    };

    private final KeyCodec<K> codec;
    private Durability durability = Durability.WRITTEN;
    private long expectedKeys;
    private IndexKind index = IndexKind.AUTOMATIC;
    private UnaryOperator<BlobStoreBuilder<ByteBuffer>> ofKeys = UnaryOperator.identity();

    SeenSetBuilder(KeyCodec<K> codec) {
        this.codec = Objects.requireNonNull(codec, "codec");
    }

    /**
     * Sets the durability of additions.
     *
     * @param value the durability guaranteed when an addition returns; {@link Durability#WRITTEN} by default
     * @return this
     */
    public SeenSetBuilder<K> durability(Durability value) {
        durability = Objects.requireNonNull(value, "durability");
        return this;
    }

    /**
     * Sets the expected number of keys, as a hint. The index grows beyond it automatically.
     *
     * @param keys 0 or more; 0 by default
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public SeenSetBuilder<K> expectedKeys(long keys) {
        BlobStore.builder(codec).expectedKeys(keys);
        expectedKeys = keys;
        return this;
    }

    /**
     * Sets what the index is.
     *
     * @param value the kind; {@link IndexKind#AUTOMATIC} by default
     * @return this
     */
    public SeenSetBuilder<K> index(IndexKind value) {
        index = Objects.requireNonNull(value, "value");
        return this;
    }

    /** Changes the options of the store. For tests. */
    SeenSetBuilder<K> store(UnaryOperator<BlobStoreBuilder<ByteBuffer>> keys) {
        ofKeys = keys;
        return this;
    }

    /**
     * Opens the set, and creates it if the directory is missing or empty.
     *
     * @param directory the directory of a store, whose keys are those of the set and whose blobs are empty
     * @return the set, to be closed
     * @throws IOException if it cannot be opened; see {@link BlobStoreBuilder#open}
     */
    public SeenSet<K> open(Path directory) throws IOException {
        return new SeenSet<>(keys().open(directory), codec);
    }

    /**
     * Opens a temporary set in the default directory of temporary files; see {@link #temporary(Path)}. That directory is the
     * one of {@link ArenaOptions.Builder#temporaryDirectory}.
     *
     * @return an empty set, to be closed
     * @throws IOException under the conditions of {@link #temporary(Path)}
     */
    public SeenSet<K> temporary() throws IOException {
        return temporary(ArenaOptions.defaults().temporaryDirectory());
    }

    /**
     * Opens a temporary set, which is empty, is never forced, and is deleted when it is closed or, once its process is dead,
     * when the next temporary store is opened. It has the durability {@link Durability#BUFFERED}.
     *
     * @param parent an existing directory
     * @return an empty set, to be closed
     * @throws IOException if it cannot be made; see {@link BlobStoreBuilder#temporary(Path)}
     */
    public SeenSet<K> temporary(Path parent) throws IOException {
        return new SeenSet<>(keys().temporary(parent), codec);
    }

    private BlobStoreBuilder<ByteBuffer> keys() {
        return ofKeys.apply(BlobStore.builder(ENCODED)
                .durability(durability)
                .expectedKeys(expectedKeys)
                .index(index));
    }
}
