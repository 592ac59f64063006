package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.commons.io.FileUtils;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.follow.Follower;
import org.blobarena.store.internal.record.OpenRecord;
import org.blobarena.store.internal.recovery.DamageLog;
import org.blobarena.store.internal.recovery.StoreVerifier;
import org.blobarena.store.internal.write.Pacer;
import org.blobarena.store.internal.write.UnsealedFiles;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the index of an open store with the arena files, while others write and compact.
 *
 * <p>A {@link Follower} makes an index of its own from the files, in the temporary directory, as a reader in another process
 * does. What differs between the two was changed in between, or is damage. So what differs is compared again, each time
 * after a further refresh: a key that nobody writes to any more has the same in both then. What differs still is compared
 * once more with the lock of its key held: no write of that key is in flight, and all of them are in the files. Nobody waits
 * for that but who writes to such a key.
 *
 * <p>A record may be in two places while compaction replaces the files of one of them: either is right. What expires may have
 * been taken out of the index. A location at damage that the files' own verification has reported is no second damage.
 */
final class IndexVerifier {

    private static final Logger LOG = LoggerFactory.getLogger(IndexVerifier.class);

    /** Keys that differ are kept in memory up to this number, and compared again then. */
    private static final int DIFFERENT_MAX = 4096;

    /** A key is compared so often without its lock. */
    private static final int ROUNDS = 3;

    private final StoreContext store;
    private final SettledIndex index;
    private final UnsealedFiles unsealed;
    private final KeyLocks keyLocks;
    private final StoreVerifier verified;
    private final Pacer pacer;
    private final StoreContext followed;
    private final Set<KeyHash> different = new HashSet<>();
    private final Set<Long> indexDamage = new HashSet<>();

    IndexVerifier(EngineContext context, StoreVerifier verified, Pacer pacer) {
        this.store = context.store();
        this.index = context.index();
        this.unsealed = context.writer().files();
        this.keyLocks = context.keyLocks();
        this.verified = verified;
        this.pacer = pacer;
        this.followed = store.withFiles(new FileTable());
    }

    /** Adds what is wrong to what the files' verification has found. */
    void verify(LocationIndexFactory indexes) throws IOException {
        Path directory = Files.createTempDirectory("blobarena-verify-");
        try (LocationIndex values = indexes.create(Files.createDirectory(directory.resolve("values")), index.size());
                LocationIndex tombstones = indexes.create(Files.createDirectory(directory.resolve("tombstones")), 0);
                Follower follower = new Follower(followed, values, tombstones, new DamageLog())) {
            verify(follower, values);
        } finally {
            try {
                followed.files().close();
            } finally {
                FileUtils.deleteDirectory(directory.toFile());
            }
        }
    }

    private void verify(Follower follower, LocationIndex values) throws IOException {
        flush();
        follower.refresh();
        try (LocationIndex.Cursor cursor = index.cursor()) {
            while (index.next(cursor, (hash, location) -> noteIfDifferent(hash, location, values.get(hash)))) {
                compareAgain(follower, values, DIFFERENT_MAX);
            }
        } catch (CorruptBlobException e) {
            addIndexDamage(e); // What is behind it is met from the other side.
        }
        try (LocationIndex.Cursor cursor = values.cursor()) {
            while (cursor.next((hash, location) -> noteIfDifferent(hash, find(hash), location))) {
                compareAgain(follower, values, DIFFERENT_MAX);
            }
        }
        compareAgain(follower, values, 1);
    }

    private void noteIfDifferent(KeyHash hash, @Nullable Location inIndex, @Nullable Location inFiles) {
        if (inIndex == null || !inIndex.equals(inFiles)) {
            different.add(hash);
        }
    }

    /** What the index has; null also where it is damaged, which is noted. */
    private @Nullable Location find(KeyHash hash) {
        try {
            return index.get(hash);
        } catch (CorruptBlobException e) {
            addIndexDamage(e);
            return null;
        }
    }

    /** Compares what differs, if it is so many keys, until it does not differ any more or is damage. */
    private void compareAgain(Follower follower, LocationIndex values, int least) throws IOException {
        if (different.size() < least) {
            pacer.require();
            return;
        }
        for (int round = 0; round < ROUNDS && !different.isEmpty(); round++) {
            pacer.require();
            flush();
            follower.refresh();
            for (Iterator<KeyHash> hashes = different.iterator(); hashes.hasNext(); ) {
                KeyHash hash = hashes.next();
                if (problem(find(hash), values.get(hash)) == null) {
                    hashes.remove();
                }
            }
        }
        for (KeyHash hash : different) {
            pacer.require();
            compareLocked(hash, follower, values);
        }
        different.clear();
    }

    private void compareLocked(KeyHash hash, Follower follower, LocationIndex values) throws IOException {
        ReentrantLock lock = keyLocks.of(hash);
        lock.lock();
        try {
            boolean written = flush();
            follower.refresh();
            Location inIndex;
            try {
                inIndex = index.get(hash);
            } catch (CorruptBlobException e) {
                addIndexDamage(e);
                return;
            }
            Damage problem = problem(inIndex, values.get(hash));
            if (problem != null && written) {
                verified.damage().add(problem);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets the files have all that was acknowledged; false if some of it could not be written, and so is not in them. */
    private boolean flush() {
        try {
            unsealed.makeDurable(Durability.WRITTEN);
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.debug("{}: not everything is in the files", store.directory().path(), e);
            return false;
        }
    }

    /** What is wrong if a key has this in the index and that in the files; null if nothing is. */
    private @Nullable Damage problem(@Nullable Location inIndex, @Nullable Location inFiles) {
        if (inIndex == null) {
            return inFiles == null || verified.ranges().contains(inFiles) || expires(inFiles)
                    ? null
                    : damage(inFiles, "the index lacks a key, or points elsewhere");
        }
        if (inIndex.equals(inFiles) || verified.ranges().contains(inIndex)) {
            return null;
        }
        StoreFile file = store.files().get(inIndex.fileIndex());
        if (file != null && file.isLeaving()) {
            return null; // It is being evicted: the key goes next.
        }
        if (inFiles == null) {
            return damage(inIndex, "the index has a key that the files do not");
        }
        return verified.ranges().contains(inFiles) || isCopy(file, inIndex, inFiles)
                ? null
                : damage(inFiles, "the index lacks a key, or points elsewhere");
    }

    private Damage damage(Location location, String problem) {
        StoreFile file = store.files().get(location.fileIndex());
        StoreFile read = file == null ? followed.files().get(location.fileIndex()) : file;
        return new Damage(String.valueOf(read), location.offset(), problem);
    }

    private boolean isCopy(@Nullable StoreFile file, Location location, Location other) {
        StoreFile otherFile = followed.files().get(other.fileIndex());
        if (file == null || otherFile == null) {
            return false;
        }
        try (Scratch scratch = Scratch.take()) {
            OpenRecord record = new OpenRecord();
            long sequence = record.open(file, location, scratch).sequence();
            return sequence == record.open(otherFile, other, scratch).sequence();
        } catch (IOException e) {
            return false; // The records' own verification has reported it.
        }
    }

    /** What expires may have been taken out of the index, also if the clock was set back since. */
    private boolean expires(Location location) {
        StoreFile file = followed.files().get(location.fileIndex());
        try (Scratch scratch = Scratch.take()) {
            return file != null
                    && new OpenRecord().open(file, location, scratch).expires();
        } catch (IOException e) {
            return false; // The records' own verification has reported it.
        }
    }

    /** Once for each place, however it is met. */
    private void addIndexDamage(CorruptBlobException found) {
        if (indexDamage.add(found.offset())) {
            verified.damage()
                    .add(new Damage(
                            found.file(),
                            found.offset(),
                            "the index is damaged; the next opening of the store makes it anew"));
        }
    }

    /** Verifies files, and then the index if all of them can be read. */
    static StoreVerifier run(EngineContext context, LocationIndexFactory indexes, Pacer pacer) throws IOException {
        StoreVerifier files = new StoreVerifier(context.store(), pacer);
        IndexVerifier keys = new IndexVerifier(context, files, pacer);
        keys.flushBeforeReading();
        files.verifyFiles();
        if (files.allReadable()) {
            keys.verify(indexes);
        }
        return files;
    }

    /** What is in a buffer only may yet be changed, if it cannot be written. */
    private void flushBeforeReading() throws InterruptedIOException {
        pacer.require();
        boolean unused = flush();
    }
}
