package org.blobarena.content;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.blobarena.arena.ArenaOptions;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.StoreLockedException;
import org.jspecify.annotations.Nullable;

/** Options of a content store, for use by one thread. */
public final class ContentStoreBuilder {

    private Durability durability = Durability.WRITTEN;
    private Compression compression = Compression.NONE;
    private boolean verifyDigests;

    ContentStoreBuilder() {}

    /**
     * Sets the durability of content and names.
     *
     * @param value the durability guaranteed when a write returns; {@link Durability#WRITTEN} by default
     * @return this
     */
    public ContentStoreBuilder durability(Durability value) {
        durability = Objects.requireNonNull(value, "durability");
        return this;
    }

    /**
     * Sets the compression of content. The digest is that of the content before compression.
     *
     * @param value the compression; {@link Compression#NONE} by default
     * @return this
     */
    public ContentStoreBuilder compression(Compression value) {
        compression = Objects.requireNonNull(value, "compression");
        return this;
    }

    /**
     * Sets whether every read computes the digest of the content and compares it. Reads verify the checksums of the store in
     * any case, so this finds only what those cannot: content that was wrong when it was written.
     *
     * @param value false by default
     * @return this
     */
    public ContentStoreBuilder verifyDigests(boolean value) {
        verifyDigests = value;
        return this;
    }

    /**
     * Opens the store, and creates it if the directory is missing or empty.
     *
     * @param directory the directory, in which {@code names} and {@code contents} are the directories of two stores
     * @return the store, to be closed
     * @throws NotAStoreException if the directory has no directory {@code names} but other files, or {@code names}
     *     without {@code contents}
     * @throws StoreLockedException if the store is open already
     * @throws IOException if the store cannot be opened; see {@link BlobStoreBuilder#open}
     * @throws IllegalStateException under the conditions of {@link BlobStoreBuilder#open}
     */
    public ContentStore open(Path directory) throws IOException {
        ContentDirectory place = new ContentDirectory(directory);
        place.requireUsable();
        BlobStore<String> names = names().open(place.names());
        @Nullable BlobStore<Digest> contents = null;
        try {
            place.requireContentsOf(names.size());
            boolean losesNames = place.noteDamage(names.stats().opening());
            contents = contents().open(place.contents());
            place.deleteSpools();
            ContentOptions options =
                    new ContentOptions(directory, durability != Durability.FORCED, verifyDigests, losesNames);
            ContentStore store = new ContentStore(names, contents, options);
            store.unbindMissing();
            return store;
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(e, contents);
            closeAfter(e, names);
            throw e;
        }
    }

    /**
     * Opens a temporary store in the default directory of temporary files; see {@link #temporary(Path)}. That directory is
     * the one of {@link ArenaOptions.Builder#temporaryDirectory}.
     *
     * @return an empty store, to be closed
     * @throws IOException under the conditions of {@link #temporary(Path)}
     */
    public ContentStore temporary() throws IOException {
        return temporary(ArenaOptions.defaults().temporaryDirectory());
    }

    /**
     * Opens a temporary store, which is empty, is never forced, and is deleted when it is closed or, once its process is
     * dead, when the next temporary store is opened. It has the durability {@link Durability#BUFFERED}.
     *
     * @param parent an existing directory
     * @return an empty store, to be closed
     * @throws IOException if the store cannot be made; see {@link BlobStoreBuilder#temporary(Path)}
     */
    public ContentStore temporary(Path parent) throws IOException {
        BlobStore<String> names = names().temporary(parent);
        try {
            // It has nothing to survive, so nothing needs to be forced for it.
            ContentOptions options = new ContentOptions(parent, false, verifyDigests, false);
            return new ContentStore(names, contents().temporary(parent), options);
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(e, names);
            throw e;
        }
    }

    private BlobStoreBuilder<String> names() {
        return BlobStore.builder(KeyCodec.utf8()).durability(durability);
    }

    private BlobStoreBuilder<Digest> contents() {
        return BlobStore.builder(new DigestCodec()).durability(durability).compression(compression);
    }

    private static void closeAfter(Throwable cause, @Nullable BlobStore<?> store) {
        try {
            if (store != null) {
                store.close();
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
