package org.blobarena.content;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.blobarena.arena.ArenaOptions;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.api.StoreLockedException;
import org.jspecify.annotations.Nullable;

/** Options of a content store, for use by one thread. */
public final class ContentStoreBuilder {

    /** The length of an arena file: what fits is a little less, as the store knows. */
    private static final long CONTENT_BYTES_MAX = 1L << 30;

    private Durability durability = Durability.WRITTEN;
    private Compression compression = Compression.NONE;
    private IndexKind index = IndexKind.AUTOMATIC;
    private boolean verifyDigests;
    private boolean leakTraces;

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
     * Sets what the indexes of names and content are.
     *
     * @param value the kind; {@link IndexKind#AUTOMATIC} by default
     * @return this
     */
    public ContentStoreBuilder index(IndexKind value) {
        index = Objects.requireNonNull(value, "value");
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
     * Sets whether the warning of a leak says where it was opened.
     *
     * @param value false by default
     * @return this
     * @see BlobStoreBuilder#leakTraces
     */
    public ContentStoreBuilder leakTraces(boolean value) {
        leakTraces = value;
        return this;
    }

    /**
     * Opens the store, and creates it if the directory is missing or empty.
     *
     * @param directory the directory, in which {@code names} and {@code contents} are the directories of two stores
     * @return the store, to be closed
     * @throws NotAStoreException if the directory has no store {@code names} but other files, or {@code names} without
     *     {@code contents}
     * @throws StoreLockedException if the store is open already
     * @throws IOException if the store cannot be opened; see {@link BlobStoreBuilder#open}
     * @throws IllegalStateException under the conditions of {@link BlobStoreBuilder#open}
     */
    public ContentStore open(Path directory) throws IOException {
        ContentStore store = openAsItIs(directory);
        try {
            store.unbindMissing();
            return store;
        } catch (IOException | RuntimeException | Error e) {
            Closing.after(e, store);
            throw e;
        }
    }

    /** Opens the store, and leaves the names whose content is not there. */
    ContentStore openAsItIs(Path directory) throws IOException {
        ContentDirectory place = new ContentDirectory(directory);
        place.requireUsable();
        BlobStore<String> names = openNoting(names(), place.names(), place.namesNote());
        @Nullable BlobStore<Digest> contents = null;
        try {
            place.requireContentsOf(names.size());
            contents = openNoting(contents(), place.contents(), place.contentsNote());
            place.deleteSpools();
            ContentOptions options = new ContentOptions(
                    directory,
                    CONTENT_BYTES_MAX,
                    durability != Durability.FORCED,
                    verifyDigests,
                    place.namesNote().exists(),
                    place.contentsNote().exists());
            return new ContentStore(names, contents, options);
        } catch (IOException | RuntimeException | Error e) {
            Closing.after(e, contents);
            Closing.after(e, names);
            throw e;
        }
    }

    /** Opens one of the two stores. What it has lost is noted before the opening removes what shows it. */
    private static <K> BlobStore<K> openNoting(BlobStoreBuilder<K> builder, Path store, DamageNote note)
            throws IOException {
        BlobStore<K> opened;
        try {
            opened = builder.requireAllFiles(true).open(store);
        } catch (CorruptBlobException e) {
            note.addLost(e);
            opened = builder.requireAllFiles(false).open(store);
        }
        try {
            OpenReport report = opened.stats().opening();
            if (report.damageCount() > 0) {
                note.addDamage(report.damage());
            }
            return opened;
        } catch (IOException | RuntimeException | Error e) {
            Closing.after(e, opened);
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
            ContentOptions options = new ContentOptions(parent, CONTENT_BYTES_MAX, false, verifyDigests, false, false);
            return new ContentStore(names, contents().temporary(parent), options);
        } catch (IOException | RuntimeException | Error e) {
            Closing.after(e, names);
            throw e;
        }
    }

    private BlobStoreBuilder<String> names() {
        return BlobStore.builder(KeyCodec.utf8())
                .durability(durability)
                .index(index)
                .leakTraces(leakTraces);
    }

    private BlobStoreBuilder<Digest> contents() {
        return BlobStore.builder(new DigestCodec())
                .arenaBytesMax(CONTENT_BYTES_MAX)
                .durability(durability)
                .compression(compression)
                .index(index)
                .leakTraces(leakTraces);
    }
}
