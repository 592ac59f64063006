package org.blobarena.content;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that keeps the same bytes once: content under its digest, and names that are bound to digests.
 *
 * <pre>{@code
 * try (ContentStore store = ContentStore.open(directory)) {
 *     Digest digest = store.put("https://example.org/", body); // stored once, under any number of names
 *     byte[] again = store.get(digest);
 *     store.unbind("https://example.org/");
 *     store.collect(); // removes content that has no name any more
 * }
 * }</pre>
 *
 * <p>Content is the same if its SHA-256 digests are equal. Near-duplicates are different content, and content is not split into
 * chunks of which several contents could share some: that is for a layer above, which can put its chunks here.
 *
 * <p><b>Names.</b> A name is any text of at most 65,535 bytes in UTF-8. It is bound to one digest, and a digest may have many
 * names. No name is ever bound to content that the store does not have, not even after a crash.
 *
 * <p><b>Collection.</b> Content that no name is bound to stays until {@link #collect} removes it. Content that is put, found
 * present by a put, or bound while a collection runs is not removed by it. So whoever puts content first and binds it later
 * may meet a {@link MissingContentException} if a collection ran between the two; {@link #put(String, byte[])} does not.
 *
 * <p><b>Durability.</b> A write that returns has the durability of {@link ContentStoreBuilder#durability}, and content is
 * written before its name. If that is not {@link Durability#FORCED}, a loss of power (or, for {@link Durability#BUFFERED}, the
 * death of the process) may take the content and spare the name; the next opening then unbinds that name. So that a name
 * does not lose its earlier content as well, binding it to other content first forces any content that is not forced yet.
 *
 * <p><b>Damage.</b> An opening that finds damage notes it in the directory, past closes and into snapshots. Until {@link #repair},
 * nothing is collected if it is in the names, and no name is unbound for the want of its content if it is in the contents.
 *
 * <p><b>Threads.</b> All methods are safe for use by multiple threads. Operations on one name are atomic. If several threads put
 * the same content at once, it is stored once. {@link #close} waits for operations in progress; later ones throw {@link
 * StoreClosedException}.
 *
 * <p><b>Memory.</b> The index takes 35 to 50 bytes off the heap per content, and as many per name, from a million of them on; of
 * fewer, up to 170, and 430 KiB at least.
 *
 * <p><b>Failure.</b> Methods that write throw {@link DiskFullException} if there is no space, or another {@link IOException}
 * that says so if there is none for the temporary file of a long stream; {@link WritesRefusedException} after a failed force;
 * and {@link BlobTooLargeException} for content that exceeds the store's {@linkplain BlobStoreBuilder#arenaBytesMax arena
 * files} of 1 GiB. Methods that read throw {@link CorruptBlobException} for damage.
 */
public final class ContentStore implements Closeable {

    // Why two stores, and mark and sweep.
    //
    // Names are small and change; contents are large and do not. In a store of their own the names can be read
    // sequentially, by a collection and by the opening after a crash, without a look at the contents, and compaction
    // of the one does not copy the other. A common store would spare a force per named put, if its batches were used
    // for it, and would make each of these readings touch every content. Reference counts would have to be changed
    // with each bind, durably and together with it; after a crash nobody could tell whether they are right but by the
    // very scan that a collection makes.
    //
    // Why no name lacks its content.
    //
    // The put of a content has returned before its name is written. So what outlives the process (WRITTEN, FORCED)
    // and what outlives the system (FORCED) is never the name alone. In the other cases the opening after an unclean
    // end looks every name's content up, which reads the names and the index, and unbinds those without. It may do so
    // because the bind itself is not promised to survive: either the name is absent before and after, or it had
    // another content. In the latter case its content was forced before its name was written. A collection keeps what
    // ContentPins says, and forces the contents and the names before it removes anything. Contents come first wherever
    // both are forced; a name that is on the device all the same, as compaction may put it there, and lacks its
    // content,
    // is one that had no content before.

    private static final Logger LOG = LoggerFactory.getLogger(ContentStore.class);
    private static final int LISTED_MAX = 1000;

    private final BlobStore<String> names;
    private final BlobStore<Digest> contents;
    private final ContentOptions options;
    private final ContentSteps steps;
    private final ContentPins pins;
    private final ContentWrites writes;
    private final ReentrantLock collecting = new ReentrantLock();

    ContentStore(BlobStore<String> names, BlobStore<Digest> contents, ContentOptions options) {
        this(names, contents, options, new ContentPins(), ContentSteps.NONE);
    }

    ContentStore(
            BlobStore<String> names,
            BlobStore<Digest> contents,
            ContentOptions options,
            ContentPins pins,
            ContentSteps steps) {
        this.names = names;
        this.contents = contents;
        this.options = options;
        this.pins = pins;
        this.steps = steps;
        this.writes = new ContentWrites(names, contents, options, pins, steps);
    }

    /**
     * Opens a store with the default options, and creates it if the directory is missing or empty.
     *
     * @param directory the store's directory
     * @return the store, to be closed
     * @throws IOException if the store cannot be opened; see {@link ContentStoreBuilder#open}
     */
    public static ContentStore open(Path directory) throws IOException {
        return builder().open(directory);
    }

    /**
     * Opens a temporary store with the default options, which is deleted when it is closed; or, if its process
     * dies, when the same user opens the next one in the same directory.
     *
     * @return the store, to be closed
     * @throws IOException if the store cannot be made; see {@link ContentStoreBuilder#temporary()}
     */
    public static ContentStore temporary() throws IOException {
        return builder().temporary();
    }

    /**
     * Returns a builder with the default options.
     *
     * @return a builder, for use by one thread
     */
    public static ContentStoreBuilder builder() {
        return new ContentStoreBuilder();
    }

    /**
     * Repairs a store that is not open: its names, and its contents, as {@link BlobStore#repair} does. Names whose content is
     * lost are unbound. The store collects again then, also if names are lost for good: so a file that is missing has to be put
     * back before, if it can be.
     *
     * <p>If the process dies during a repair, the repair can be repeated.
     *
     * @param directory the store's directory
     * @return what was repaired and what was lost
     * @throws NotAStoreException if there is no content store
     * @throws StoreLockedException if the store is open
     * @throws IOException if it cannot be repaired; see {@link BlobStore#repair}
     * @throws IllegalStateException under the conditions of {@link BlobStore#repair}
     */
    public static ContentRepairReport repair(Path directory) throws IOException {
        return new ContentRepair(directory).run();
    }

    /** Unbinds names whose content a crash has taken, unless damage has. To be called before anybody uses the store. */
    void unbindMissing() throws IOException {
        boolean clean =
                names.stats().opening().clean() && contents.stats().opening().clean();
        if (clean) {
            return;
        }
        if (options.losesContents()) {
            LOG.warn("{}: names are kept even if their content is lost, until a repair", options.directory());
            return;
        }
        try {
            List<String> missing = new ArrayList<>();
            forEachName((name, digest) -> {
                if (!contents.contains(digest)) {
                    missing.add(name);
                }
            });
            unbind(missing);
            if (!missing.isEmpty()) {
                LOG.warn(
                        "{}: a crash has taken the content of {} names, which are unbound",
                        options.directory(),
                        missing.size());
            }
        } catch (CorruptBlobException e) {
            // Reads report the damage, and the opening after a repair looks again.
            LOG.warn("{}: names are kept even if their content is lost: {}", options.directory(), e.getMessage());
        }
    }

    /**
     * The names whose content is not there, of those that can be read. What is bound to no digest counts as well. To be called
     * while nothing is collected.
     */
    List<String> namesWithoutContent() throws IOException {
        List<String> missing = new ArrayList<>();
        try (Stream<String> present = names.keys()) {
            for (Iterator<String> each = present.iterator(); each.hasNext(); ) {
                String name = each.next();
                byte[] value = valueOf(name);
                if (value != null && (value.length != Digest.BYTES || !contents.contains(Digest.ofBytes(value)))) {
                    missing.add(name);
                }
            }
        } catch (UncheckedIOException e) {
            IOException cause = Objects.requireNonNull(e.getCause());
            if (!(cause instanceof CorruptBlobException)) {
                throw cause;
            }
        }
        return missing;
    }

    /** What a name has; null as well where that is damaged, which a verification of the names reports. */
    private byte @Nullable [] valueOf(String name) throws IOException {
        try {
            return names.get(name);
        } catch (CorruptBlobException e) {
            return null;
        }
    }

    /** Unbinds names for good. */
    void unbind(List<String> missing) throws IOException {
        if (!missing.isEmpty()) {
            long unused = names.removeAll(missing);
            names.force(); // Or the next crash might bring back what was seen to be absent.
        }
    }

    // ---- content

    /**
     * Stores content, unless it is there already.
     *
     * @param content the content
     * @return its digest
     * @throws IOException if it cannot be written; nothing is changed
     */
    public Digest put(byte[] content) throws IOException {
        return put(ByteBuffer.wrap(content));
    }

    /**
     * Stores content, unless it is there already.
     *
     * @param content the content, from position to limit; on success the position moves to the limit
     * @return its digest
     * @throws IOException if it cannot be written; nothing is changed
     */
    public Digest put(ByteBuffer content) throws IOException {
        return writes.put(null, content);
    }

    /**
     * Stores the content of a stream, unless it is there already. The digest is known at the end of the stream only, so a
     * stream of more than 1 MiB is written to a temporary file without a name in the store's directory, and copied from there
     * into the store if it is new. This uses at most about 2 MiB of memory.
     *
     * @param content the stream, which is read to its end and not closed
     * @return its digest
     * @throws IOException if the stream throws it or the content cannot be written; nothing is changed
     */
    public Digest put(InputStream content) throws IOException {
        return writes.put(null, content);
    }

    /**
     * Stores the content of a file, unless it is there already. A file of up to 4 MiB is read into memory, as long as
     * all files that are being put take at most 16 MiB of it besides 1 MiB each; any other is read twice if it is new.
     *
     * @param file the file; a symbolic link is followed
     * @return its digest
     * @throws IOException if the file cannot be read or changes while it is read, or the content cannot be written; nothing
     *     is changed
     */
    public Digest put(Path file) throws IOException {
        return writes.put(null, file);
    }

    /**
     * Stores content, unless it is there already, and binds a name to it.
     *
     * @param name the name, which may have other content
     * @param content the content
     * @return its digest
     * @throws IOException if it cannot be written; the name is unchanged
     */
    public Digest put(String name, byte[] content) throws IOException {
        return put(name, ByteBuffer.wrap(content));
    }

    /**
     * Stores content, unless it is there already, and binds a name to it.
     *
     * @param name the name, which may have other content
     * @param content the content, from position to limit; on success the position moves to the limit
     * @return its digest
     * @throws IOException if it cannot be written; the name is unchanged
     */
    public Digest put(String name, ByteBuffer content) throws IOException {
        return writes.put(Objects.requireNonNull(name, "name"), content);
    }

    /**
     * Stores the content of a stream, unless it is there already, and binds a name to it.
     *
     * @param name the name, which may have other content
     * @param content the stream, which is read to its end and not closed
     * @return its digest
     * @throws IOException under the conditions of {@link #put(InputStream)}; the name is unchanged
     */
    public Digest put(String name, InputStream content) throws IOException {
        return writes.put(Objects.requireNonNull(name, "name"), content);
    }

    /**
     * Stores the content of a file, unless it is there already, and binds a name to it.
     *
     * @param name the name, which may have other content
     * @param file the file; a symbolic link is followed
     * @return its digest
     * @throws IOException under the conditions of {@link #put(Path)}; the name is unchanged
     */
    public Digest put(String name, Path file) throws IOException {
        return writes.put(Objects.requireNonNull(name, "name"), file);
    }

    /**
     * Returns whether content is present. Reads the index only.
     *
     * @param digest the digest of the content
     * @return whether it is present
     */
    public boolean contains(Digest digest) {
        return contents.contains(digest);
    }

    /**
     * Returns the length of content. Reads the index only, or if the content's arena file has compressed content, the start
     * of the record.
     *
     * @param digest the digest of the content
     * @return the length in bytes, or empty if there is no such content
     * @throws IOException if the record cannot be read
     */
    public OptionalLong sizeOf(Digest digest) throws IOException {
        return contents.sizeOf(digest);
    }

    /**
     * Reads content into a new array.
     *
     * @param digest the digest of the content
     * @return the content, or null if there is none
     * @throws BlobTooLargeException if it is longer than 256 MiB, or a quarter of the maximum heap if that is less
     * @throws CorruptBlobException if it is damaged
     * @throws IOException if it cannot be read
     */
    public byte @Nullable [] get(Digest digest) throws IOException {
        return options.verifiesDigests() ? getVerified(digest) : contents.get(digest);
    }

    /**
     * Reads content into a new array and verifies its digest, even if the store does not {@linkplain
     * ContentStoreBuilder#verifyDigests verify digests} otherwise.
     *
     * @param digest the digest of the content
     * @return the content, or null if there is none
     * @throws CorruptBlobException if it is damaged, or has another digest
     * @throws IOException under the conditions of {@link #get(Digest)}
     */
    public byte @Nullable [] getVerified(Digest digest) throws IOException {
        byte[] content = contents.get(digest);
        if (content != null) {
            requireDigest(digest, Digest.of(content));
        }
        return content;
    }

    /**
     * Reads content into a buffer.
     *
     * @param digest the digest of the content
     * @param target the buffer, whose position moves by the length of the content
     * @return the length of the content in bytes, or empty if there is none
     * @throws BufferOverflowException if the content is longer than what remains in the buffer, which is unchanged
     * @throws CorruptBlobException if it is damaged; the position is unchanged, the bytes behind it are not
     * @throws IOException if it cannot be read
     */
    public OptionalInt get(Digest digest, ByteBuffer target) throws IOException {
        int start = target.position();
        OptionalInt length = contents.get(digest, target);
        if (options.verifiesDigests() && length.isPresent()) {
            Digest found = Digest.of(target.duplicate().flip().position(start));
            if (!found.equals(digest)) {
                target.position(start);
            }
            requireDigest(digest, found);
        }
        return length;
    }

    /**
     * Opens content for reading. The stream returns the content even if a collection removes it meanwhile.
     *
     * @param digest the digest of the content
     * @return a stream, to be closed, or null if there is no such content. Where digests are verified, the read that meets
     *     the end of the stream throws {@link CorruptBlobException} for content that has another
     * @throws CorruptBlobException if it is damaged; a damaged part is found when it is read
     * @throws IOException if it cannot be read
     */
    public @Nullable InputStream openStream(Digest digest) throws IOException {
        InputStream content = contents.openStream(digest);
        return content == null || !options.verifiesDigests()
                ? content
                : new VerifiedStream(content, found -> requireDigest(digest, found));
    }

    /**
     * Reads content into a file, atomically; see {@link BlobStore#get(Object, Path)}.
     *
     * @param digest the digest of the content
     * @param file the file, which is replaced
     * @return the length of the content in bytes, or empty if there is none and the file is unchanged
     * @throws CorruptBlobException if it is damaged; the file is unchanged
     * @throws IOException if it cannot be read or the file cannot be written; the file is unchanged
     */
    public OptionalLong get(Digest digest, Path file) throws IOException {
        if (options.verifiesDigests()) {
            try (InputStream content = openStream(digest)) {
                if (content != null) {
                    content.transferTo(OutputStream.nullOutputStream());
                }
            }
        }
        return contents.get(digest, file);
    }

    private void requireDigest(Digest expected, Digest found) throws CorruptBlobException {
        if (!found.equals(expected)) {
            throw new CorruptBlobException(
                    options.directory().toString(),
                    0,
                    "content has another digest: expected " + expected + ", found " + found);
        }
    }

    // ---- names

    /**
     * Binds a name to content that is present.
     *
     * @param name the name, which may have other content
     * @param digest the digest of the content
     * @throws MissingContentException if there is no such content; the name is unchanged
     * @throws IOException if it cannot be written; the name is unchanged
     */
    public void bind(String name, Digest digest) throws IOException {
        writes.bind(name, digest);
    }

    /**
     * Returns what a name is bound to.
     *
     * @param name the name
     * @return the digest of content that was present when this was called, or null if there is no such name
     * @throws IOException if the name cannot be read
     */
    public @Nullable Digest resolve(String name) throws IOException {
        byte[] digest = names.get(name);
        return digest == null ? null : Digest.ofName(name, digest);
    }

    /**
     * Unbinds a name. Its content stays until {@link #collect}.
     *
     * @param name the name
     * @return whether there was such a name
     * @throws IOException if it cannot be written; the name is unchanged
     */
    public boolean unbind(String name) throws IOException {
        return names.remove(name);
    }

    /**
     * Visits every name, in no particular order; see {@link BlobStore#forEach}. The names that begin with a prefix are found
     * by a visit of all, since names are hashed.
     *
     * @param action receives the name and the digest that it is bound to
     * @throws IOException if a name cannot be read; the visit ends
     */
    public void forEachName(BiConsumer<? super String, ? super Digest> action) throws IOException {
        CorruptBlobException[] failure = new CorruptBlobException[1];
        try {
            names.forEach((name, value) -> {
                Digest digest;
                try {
                    digest = Digest.ofName(name, value);
                } catch (CorruptBlobException e) {
                    failure[0] = e;
                    throw new UncheckedIOException(e); // Which ends the visit.
                }
                action.accept(name, digest);
            });
        } catch (UncheckedIOException e) {
            if (failure[0] != null) {
                throw failure[0];
            }
            throw e;
        }
    }

    /**
     * Returns the names, in no particular order; see {@link BlobStore#keys}.
     *
     * @return a stream, to be closed
     */
    public Stream<String> names() {
        return names.keys();
    }

    /**
     * Returns the number of names.
     *
     * @return the number, exact while nobody writes
     */
    public long nameCount() {
        return names.size();
    }

    /**
     * Returns the number of distinct contents.
     *
     * @return the number, exact while nobody writes
     */
    public long contentCount() {
        return contents.size();
    }

    // ---- the whole store

    /**
     * Removes all content that no name is bound to. Reads and writes go on.
     *
     * @return what was removed
     * @throws IOException under the conditions of {@link #collect(CollectProgress)}
     */
    public CollectReport collect() throws IOException {
        return collect((done, total) -> true);
    }

    /**
     * Removes all content that no name is bound to, and reports progress. Reads and writes go on; a stream that is open stays
     * readable. Content that is put, found present by a put, or bound from now on stays. The space comes back by compaction.
     *
     * <p>This reads all names, forces the contents and the names, and then reads the digests of all contents from disk. It holds 10 to 15 bytes of
     * heap for each content that has a name or is put meanwhile. If a collection is running already, this waits for it first.
     *
     * @param progress called from time to time in the calling thread; it may use the store, but not collect, and may cancel
     *     the collection
     * @return what was removed
     * @throws IllegalStateException if this is called by the progress of a collection
     * @throws CorruptBlobException if a name, or the digest of a content, cannot be read; what is removed by then had no name
     * @throws IOException if a file cannot be read or written, or if an opening has found damage in the names, some of
     *     which may then be lost, until {@link #repair} says which
     */
    public CollectReport collect(CollectProgress progress) throws IOException {
        Objects.requireNonNull(progress, "progress");
        // The inner one would end what keeps contents from the outer one.
        if (collecting.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "a collection of " + options.directory() + " was begun by another's progress");
        }
        requireAllNames();
        collecting.lock();
        try {
            return new Collector(names, contents, pins, steps, progress).run();
        } finally {
            collecting.unlock();
        }
    }

    /** The content of a name that is lost must not be removed as that of no name. */
    private void requireAllNames() throws IOException {
        if (options.losesNames()) {
            List<Damage> damage = names.stats().opening().damage();
            throw new IOException("nothing is collected, since names may be lost: the store at "
                    + options.directory().resolve("names")
                    + (damage.isEmpty() ? " had damage at an earlier opening" : " has damage, such as " + damage.get(0))
                    + "; repair " + options.directory() + " first");
        }
    }

    /**
     * Reclaims nearly all space of what was removed; see {@link BlobStore#compact()}. The store does the same by itself when
     * dead bytes exceed {@link BlobStoreBuilder#maxDeadShare}.
     *
     * @throws IOException if a file cannot be read or written; nothing is lost
     */
    public void compact() throws IOException {
        contents.compact();
        names.compact();
    }

    /**
     * Makes another content store with the names of this one at one moment, and at least their contents; see {@link
     * BlobStore#snapshot}. Waits for a running collection.
     *
     * @param directory the directory, missing or empty
     * @throws NotAStoreException if the directory has anything in it
     * @throws IOException if the snapshot cannot be made; the directory is then no store and can be deleted
     */
    public void snapshot(Path directory) throws IOException {
        snapshot(directory, BlobStore::snapshot);
    }

    /**
     * Makes a snapshot as {@link #snapshot(Path)} does, at a pace.
     *
     * @param directory the directory, missing or empty
     * @param pace how many bytes are copied each second, and who is told of their progress: first of the names, then of the
     *     contents; links do not count
     * @throws java.io.InterruptedIOException if the thread is interrupted, which ends it
     * @throws IOException under the conditions of {@link #snapshot(Path)}
     */
    public void snapshot(Path directory, Pace pace) throws IOException {
        Objects.requireNonNull(pace, "pace");
        snapshot(directory, (store, target) -> store.snapshot(target, pace));
    }

    private void snapshot(Path directory, Snapshooter each) throws IOException {
        collecting.lock();
        try {
            ContentDirectory source = new ContentDirectory(options.directory());
            ContentDirectory place = new ContentDirectory(directory);
            place.requireEmpty();
            each.make(names, place.names()); // First, so that the contents are there of all of them.
            if (options.losesNames()) {
                source.namesNote().copyTo(place.namesNote());
            }
            if (options.losesContents()) {
                source.contentsNote().copyTo(place.contentsNote());
            }
            each.make(contents, place.contents()); // Last, so that there is no store without the notes.
        } finally {
            collecting.unlock();
        }
    }

    @FunctionalInterface
    private interface Snapshooter {

        void make(BlobStore<?> store, Path directory) throws IOException;
    }

    /**
     * Makes a content store of a snapshot; see {@link BlobStore#restore}.
     *
     * @param snapshot the directory of a snapshot that was not opened since it was made
     * @param directory the store's directory, missing or empty
     * @param pace how many bytes are copied each second, and who is told of their progress: first of the names, then of the
     *     contents; links do not count
     * @throws NotAStoreException if there is no snapshot of a content store, or the directory has anything in it
     * @throws IOException under the conditions of {@link BlobStore#restore}; the directory is then no store and can be deleted
     */
    public static void restore(Path snapshot, Path directory, Pace pace) throws IOException {
        ContentDirectory from = new ContentDirectory(snapshot);
        ContentDirectory to = new ContentDirectory(directory);
        from.requireBoth();
        to.requireEmpty();
        BlobStore.restore(from.names(), to.names(), pace);
        from.namesNote().copyTo(to.namesNote());
        from.contentsNote().copyTo(to.contentsNote());
        BlobStore.restore(from.contents(), to.contents(), pace);
    }

    /**
     * Reads everything, verifies every checksum as {@link BlobStore#verify()} does, and looks the content of each name up. Digests
     * are not computed; {@link #getVerified} does that. Waits for a running collection, and no other begins meanwhile. Changes
     * nothing; readers and writers go on.
     *
     * @return what was read and what is wrong
     * @throws StoreClosedException if the store is closed meanwhile, which ends it
     * @throws IOException if the comparison cannot be made
     */
    public ContentVerifyReport verify() throws IOException {
        return verified(BlobStore::verify);
    }

    /**
     * Verifies everything as {@link #verify()} does, at a pace.
     *
     * @param pace how many bytes of arena files are read each second, and who is told of their progress: first of the names, then
     *     of the contents
     * @return what was read and what is wrong
     * @throws java.io.InterruptedIOException if the thread is interrupted, which ends it
     * @throws IOException under the conditions of {@link #verify()}
     */
    public ContentVerifyReport verify(Pace pace) throws IOException {
        Objects.requireNonNull(pace, "pace");
        return verified(store -> store.verify(pace));
    }

    private ContentVerifyReport verified(Verification each) throws IOException {
        collecting.lock();
        try {
            VerifyReport ofNames = each.of(names);
            VerifyReport ofContents = each.of(contents);
            List<String> unbound = namesWithoutContent();
            List<String> first = List.copyOf(unbound.subList(0, Math.min(unbound.size(), LISTED_MAX)));
            return new ContentVerifyReport(ofNames, ofContents, unbound.size(), first);
        } finally {
            collecting.unlock();
        }
    }

    @FunctionalInterface
    private interface Verification {

        VerifyReport of(BlobStore<?> store) throws IOException;
    }

    /**
     * Returns figures of the two stores at this moment.
     *
     * @return the figures
     */
    public ContentStats stats() {
        return new ContentStats(names.stats(), contents.stats(), options.losesNames(), options.losesContents());
    }

    /**
     * Returns figures of each arena file, those of the names first; see {@link BlobStore#fileStats}.
     *
     * @return the figures
     */
    public List<FileStats> fileStats() {
        List<FileStats> stats = new ArrayList<>(names.fileStats());
        stats.addAll(contents.fileStats());
        return stats;
    }

    /**
     * Returns where and how content is stored; see {@link BlobStore#describe}.
     *
     * @param digest the digest of the content
     * @return the record at this moment, or null if there is no such content
     * @throws CorruptBlobException if what is read is damaged
     * @throws IOException if the record cannot be read
     */
    public @Nullable RecordInfo describe(Digest digest) throws IOException {
        return contents.describe(digest);
    }

    /**
     * Forces all writes that have returned to the device, whatever their durability.
     *
     * @throws IOException if the device reports an error; the store then refuses writes until it is reopened
     */
    public void force() throws IOException {
        writes.force();
        names.force();
    }

    /**
     * Closes the store, contents first. Waits for operations in progress and forces everything to the device.
     *
     * @throws IOException if not everything could be forced; the store is closed nevertheless
     */
    @Override
    public void close() throws IOException {
        try (names) {
            contents.close();
        }
    }
}
