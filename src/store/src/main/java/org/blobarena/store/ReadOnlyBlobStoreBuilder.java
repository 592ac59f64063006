package org.blobarena.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.blobarena.arena.ArenaOptions;
import org.blobarena.arena.DescriptorBudget;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.crypt.KeySource;
import org.blobarena.store.internal.core.StoreSettings;
import org.blobarena.store.internal.engine.ReadOnlyEngine;
import org.blobarena.store.internal.follow.TemporaryIndexes;
import org.blobarena.store.internal.follow.TemporaryTables;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.TemporaryStores;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link ReadOnlyBlobStore}. For use by one thread.
 *
 * @param <K> the type of keys
 */
public final class ReadOnlyBlobStoreBuilder<K> {

    private final KeyCodec<K> codec;
    private final BlobStoreBuilder<K> options;
    private long refreshNanos;
    private @Nullable Path temporaryDirectory;
    private @Nullable StoreEnvironment environment;
    private @Nullable TemporaryIndexes indexes;

    ReadOnlyBlobStoreBuilder(KeyCodec<K> codec) {
        this.codec = codec;
        this.options = new BlobStoreBuilder<>(codec).createIfMissing(false);
    }

    /**
     * Refreshes at intervals, in the background. A failure is logged, and the next time tried again.
     *
     * @param interval the pause between two refreshes, more than 0; by default, only {@link ReadOnlyBlobStore#refresh} does
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public ReadOnlyBlobStoreBuilder<K> refreshEvery(Duration interval) {
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("an interval of " + interval + " between refreshes is not positive");
        }
        boolean forever = interval.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0;
        refreshNanos = forever ? Long.MAX_VALUE : interval.toNanos();
        return this;
    }

    /**
     * Sets the length up to which blobs are read into memory as a whole; see {@link BlobStoreBuilder#maxBlobBytes}.
     *
     * @param bytes 1 to 2^31 - 9; by default 256 MiB, or a quarter of the maximum heap if that is less
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public ReadOnlyBlobStoreBuilder<K> maxBlobBytes(int bytes) {
        options.maxBlobBytes(bytes);
        return this;
    }

    /**
     * Sets the clock that says which blobs have expired.
     *
     * @param value the clock, called by several threads; {@link InstantSource#system} by default
     * @return this
     */
    public ReadOnlyBlobStoreBuilder<K> clock(InstantSource value) {
        options.clock(value);
        return this;
    }

    /**
     * Sets the expected number of keys, as a hint.
     *
     * @param keys 0 or more; 0 by default
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public ReadOnlyBlobStoreBuilder<K> expectedKeys(long keys) {
        options.expectedKeys(keys);
        return this;
    }

    /**
     * Sets the budget that descriptors count against.
     *
     * @param budget the budget; by default the {@linkplain DescriptorBudget#shared shared} one of the process
     * @return this
     */
    public ReadOnlyBlobStoreBuilder<K> descriptors(DescriptorBudget budget) {
        options.descriptors(budget);
        return this;
    }

    /**
     * Sets whether the warning of a leak says where it was opened; see {@link BlobStoreBuilder#leakTraces}.
     *
     * @param value false by default
     * @return this
     */
    public ReadOnlyBlobStoreBuilder<K> leakTraces(boolean value) {
        options.leakTraces(value);
        return this;
    }

    /**
     * Sets what supplies the keys of an encrypted store.
     *
     * @param value supplies the keys; by default there are none
     * @return this
     */
    public ReadOnlyBlobStoreBuilder<K> keySource(KeySource value) {
        options.keySource(value);
        return this;
    }

    /**
     * Sets where the index is made, in directories {@code blobarena-*.tmp}. They are deleted when the reader is closed or, if
     * its process dies, when the same user opens the next reader or temporary store there.
     *
     * @param directory an existing directory, not the store's; by default that of {@link
     *     ArenaOptions.Builder#temporaryDirectory}
     * @return this
     */
    public ReadOnlyBlobStoreBuilder<K> temporaryDirectory(Path directory) {
        temporaryDirectory = Objects.requireNonNull(directory, "directory");
        return this;
    }

    /**
     * Opens the store for reading.
     *
     * @param directory the store's directory, which may be read-only, and open in any process
     * @return the reader, to be closed
     * @throws NotAStoreException if there is no store, or a cache, whose blobs may be evicted at any time
     * @throws ForeignFileException if an arena file belongs to another store
     * @throws UnsupportedFormatException if a file has a newer format version
     * @throws CorruptBlobException if both copies of the store's identity are damaged
     * @throws org.blobarena.store.crypt.StoreKeyException under the conditions of {@link BlobStoreBuilder#open}
     * @throws IOException if the store cannot be read, or the index cannot be made
     */
    public ReadOnlyBlobStore<K> open(Path directory) throws IOException {
        StoreSettings settings = options.settings(false);
        StoreEnvironment used = environment == null ? BlobStoreBuilder.usualEnvironment(IndexKind.TABLE) : environment;
        TemporaryIndexes made = indexes == null ? temporaryTables(settings) : indexes;
        return new ReadOnlyBlobStore<>(ReadOnlyEngine.open(directory, used, settings, refreshNanos, made), codec);
    }

    private TemporaryIndexes temporaryTables(StoreSettings settings) throws IOException {
        Path parent = temporaryDirectory == null ? ArenaOptions.defaults().temporaryDirectory() : temporaryDirectory;
        StoreEnvironment files = BlobStoreBuilder.usualEnvironment(IndexKind.TABLE);
        return new TemporaryTables(files.index().forStore(List.of()), new TemporaryStores(files, settings, parent));
    }

    /** Replaces the file system, the threads and the index. For tests. */
    ReadOnlyBlobStoreBuilder<K> environment(StoreEnvironment replacement, TemporaryIndexes replacedIndexes) {
        environment = replacement;
        indexes = replacedIndexes;
        return this;
    }
}
