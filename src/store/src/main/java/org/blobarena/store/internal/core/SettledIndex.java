package org.blobarena.store.internal.core;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.blobarena.arena.Location;
import org.blobarena.index.DamagedIndexException;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.WritesRefusedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An index that follows the arena files whatever a change of it meets.
 *
 * <p>A record stands in its file before the index is changed. Should an error come out of that change, as where memory is
 * short, nobody knows whether it was made. It is noted then, for which memory is kept, and made again before the key is
 * next looked up or the index is closed: what is read is what the next opening would find in the files.
 *
 * <p>Where the file of the index turns out to be damaged, reads that need that part fail, and others go on. Nothing is changed
 * from then on: writers and compaction ask here before they append anything, and are refused. Such an index is not closed for
 * reopening, so the next opening makes another one from the files, which have everything.
 *
 * <p>What writers change here counts as live or dead in the files from then on. Compaction, which replaces, counts by itself.
 *
 * <p>Safe from any thread. Changes of a key are made with its lock held.
 */
public final class SettledIndex implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SettledIndex.class);

    /** More changes than that are noted only where there is memory. */
    private static final int NOTES_KEPT = 256;

    private final LocationIndex index;
    private final KeyLocks keyLocks;
    private final FileTable files;
    private final Consumer<Throwable> refusal;

    /** The oldest note, null if there is none, which is nearly always so. Changed with this locked. */
    private volatile @Nullable Note first;

    private @Nullable Note unused;

    /** The first that was found. */
    private volatile @Nullable DamagedIndexException damage;

    private volatile boolean closed;

    /** @param refusal told when a change can neither be made nor noted */
    public SettledIndex(LocationIndex index, KeyLocks keyLocks, FileTable files, Consumer<Throwable> refusal) {
        this.index = index;
        this.keyLocks = keyLocks;
        this.files = files;
        this.refusal = refusal;
        for (int i = 0; i < NOTES_KEPT; i++) {
            Note note = new Note();
            note.next = unused;
            unused = note;
        }
    }

    /** A change that is still to be made. */
    private static final class Note {

        private long high;
        private long low;

        /** Whether the key is to be absent; else it is to have the location below. */
        private boolean removal;

        private long fileIndex;
        private long offset;
        private long length;

        private @Nullable Note next;

        boolean isOf(long keyHigh, long keyLow) {
            return high == keyHigh && low == keyLow;
        }
    }

    /**
     * Looks a key up for a reader.
     *
     * @throws CorruptBlobException if the index is damaged there
     */
    public @Nullable Location get(KeyHash hash) throws CorruptBlobException {
        settle(hash.high(), hash.low());
        try {
            return index.get(hash);
        } catch (DamagedIndexException e) {
            throw unreadable(e);
        }
    }

    /** The same without allocating anything; see {@link LocationIndex#find}. */
    public boolean find(IndexProbe probe) throws CorruptBlobException {
        settle(probe.high(), probe.low());
        try {
            return index.find(probe);
        } catch (DamagedIndexException e) {
            throw unreadable(e);
        }
    }

    /**
     * Looks a key up for somebody who goes on to change it, or to drop a record of it.
     *
     * @throws WritesRefusedException if the index is damaged, there or elsewhere
     */
    public @Nullable Location getToChange(KeyHash hash) throws WritesRefusedException {
        requireIntact();
        settle(hash.high(), hash.low());
        try {
            return index.get(hash);
        } catch (DamagedIndexException e) {
            throw refused(e);
        }
    }

    /**
     * Points a key at a record that stands in its file.
     *
     * @param probe has the key and the location, which it keeps only if an {@link IOException} is thrown
     * @throws WritesRefusedException if the index turns out to be damaged; the record stands in its file all the same
     */
    public void put(IndexProbe probe) throws IOException {
        long fileIndex = probe.fileIndex();
        long offset = probe.offset();
        long length = probe.length();
        boolean replaced;
        try {
            replaced = index.put(probe);
        } catch (DamagedIndexException e) {
            throw refused(e);
        } catch (IOException e) {
            probe.found(fileIndex, offset, length);
            throw e;
        } catch (RuntimeException | Error e) {
            probe.found(fileIndex, offset, length); // The change may have been made, and this be what was replaced.
            postpone(probe, e);
            throw e;
        }
        forget(probe.high(), probe.low());
        addLive(fileIndex, length);
        if (replaced) {
            addLive(probe.fileIndex(), -probe.length());
        }
    }

    /** See {@link LocationIndex#removeIfEqual}. */
    public boolean removeIfEqual(KeyHash hash, Location expected) throws WritesRefusedException {
        boolean removed;
        try {
            removed = index.removeIfEqual(hash, expected);
        } catch (DamagedIndexException e) {
            throw refused(e);
        } catch (RuntimeException | Error e) {
            postponeRemoval(hash, e);
            throw e;
        }
        if (removed) {
            forget(hash.high(), hash.low());
            addLive(expected.fileIndex(), -expected.length());
        }
        return removed;
    }

    /** Removes a key that is present. */
    public void remove(KeyHash hash) throws WritesRefusedException {
        Location present = present(hash);
        while (!removeIfEqual(hash, present)) {
            present = present(hash); // Compaction has moved it.
        }
    }

    private Location present(KeyHash hash) throws WritesRefusedException {
        Location present;
        try {
            present = index.get(hash);
        } catch (DamagedIndexException e) {
            throw refused(e);
        } catch (RuntimeException | Error e) {
            postponeRemoval(hash, e);
            throw e;
        }
        if (present == null) {
            throw new IllegalStateException("the key with hash " + hash + " vanished while its lock was held");
        }
        return present;
    }

    /**
     * Checks that {@link #put} is not known to fail for a key; see {@link LocationIndex#requireRoom}.
     *
     * @throws WritesRefusedException if the index is damaged, there or elsewhere
     */
    public void requireRoom(IndexProbe probe) throws IOException {
        requireIntact();
        try {
            index.requireRoom(probe);
        } catch (DamagedIndexException e) {
            throw refused(e);
        }
    }

    /** See {@link LocationIndex#replaceIfEqual}. */
    public boolean replaceIfEqual(KeyHash hash, Location expected, Location replacement) throws IOException {
        settle(hash.high(), hash.low());
        try {
            return index.replaceIfEqual(hash, expected, replacement);
        } catch (DamagedIndexException e) {
            throw refused(e);
        }
    }

    public long size() {
        settleAll();
        return index.size();
    }

    public long fileBytes() {
        return index.fileBytes();
    }

    /** See {@link LocationIndex#growthBytes}. */
    public long growthBytes() {
        return index.growthBytes();
    }

    /** See {@link LocationIndex#cursor}; its steps are taken by {@link #next}. */
    public LocationIndex.Cursor cursor() {
        settleAll();
        return index.cursor();
    }

    /**
     * Takes a step of a cursor of this index; see {@link LocationIndex.Cursor#next}.
     *
     * @throws CorruptBlobException if the index is damaged there
     */
    public boolean next(LocationIndex.Cursor cursor, LocationIndex.Visitor visitor) throws CorruptBlobException {
        try {
            return cursor.next(visitor);
        } catch (DamagedIndexException e) {
            throw unreadable(e);
        }
    }

    /** Whether damage was found, so that this cannot be closed for reopening. */
    public boolean isDamaged() {
        return damage != null;
    }

    /** See {@link LocationIndex#closeForReopening}. */
    public String closeForReopening() throws IOException {
        settleAll();
        if (first != null) {
            throw new IOException("the index could not be brought up to what the files say");
        }
        String name = index.closeForReopening();
        closed = true;
        return name;
    }

    /** Does nothing once it is closed, for reopening too. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            index.close();
        }
    }

    private void requireIntact() throws WritesRefusedException {
        DamagedIndexException found = damage;
        if (found != null) {
            throw new WritesRefusedException(found);
        }
    }

    private WritesRefusedException refused(DamagedIndexException found) {
        note(found);
        return new WritesRefusedException(found);
    }

    private CorruptBlobException unreadable(DamagedIndexException found) {
        note(found);
        CorruptBlobException unreadable = new CorruptBlobException(
                found.file(), found.offset(), "the index is damaged; the next opening of the store makes it anew");
        unreadable.initCause(found);
        return unreadable;
    }

    private void note(DamagedIndexException found) {
        if (damage == null) {
            damage = found;
            LOG.warn("the store takes no writes until it is reopened: {}", found.getMessage());
        }
    }

    /**
     * Notes that a key is to have a location, where its record stands, after everything that was noted before.
     *
     * @param cause why the index could not be changed
     */
    public synchronized void postpone(IndexProbe probe, Throwable cause) {
        Note note = takeNote(cause);
        if (note != null) {
            note.removal = false;
            note.fileIndex = probe.fileIndex();
            note.offset = probe.offset();
            note.length = probe.length();
            append(note, probe.high(), probe.low());
        }
    }

    /** Notes that a key is to be absent, of which a tombstone stands in its file. */
    private synchronized void postponeRemoval(KeyHash hash, Throwable cause) {
        Note note = takeNote(cause);
        if (note != null) {
            note.removal = true;
            append(note, hash.high(), hash.low());
        }
    }

    /** With this locked. Null where there is no memory for it, and writing has ended. */
    private @Nullable Note takeNote(Throwable cause) {
        Note note = unused;
        if (note == null) {
            try {
                return new Note();
            } catch (OutOfMemoryError e) {
                refusal.accept(cause);
                return null;
            }
        }
        unused = note.next;
        return note;
    }

    /** With this locked. */
    private void append(Note note, long high, long low) {
        note.high = high;
        note.low = low;
        note.next = null;
        Note last = first;
        if (last == null) {
            first = note;
            return;
        }
        while (last.next != null) {
            last = last.next;
        }
        last.next = note;
    }

    private void settleAll() {
        KeyHash hash = firstHash();
        while (hash != null) {
            settle(hash.high(), hash.low());
            KeyHash next = firstHash();
            hash = hash.equals(next) ? null : next;
        }
    }

    private synchronized @Nullable KeyHash firstHash() {
        Note oldest = first;
        return oldest == null ? null : new KeyHash(oldest.high, oldest.low);
    }

    /** Makes the last change of a key that was noted, if there is one; it stays noted where the index has no room. */
    private void settle(long high, long low) {
        if (first == null) {
            return;
        }
        ReentrantLock keyLock = keyLocks.of(high);
        keyLock.lock();
        try {
            Note last = lastOf(high, low);
            if (last != null) {
                make(last);
                forget(high, low);
            }
        } catch (IOException e) {
            return; // There may be room the next time.
        } catch (DamagedIndexException e) {
            note(e); // Who needs the key is told.
        } finally {
            keyLock.unlock();
        }
    }

    private void make(Note note) throws IOException {
        KeyHash hash = new KeyHash(note.high, note.low);
        Location before = index.get(hash);
        if (note.removal) {
            if (before != null && index.removeIfEqual(hash, before)) {
                addLive(before.fileIndex(), -before.length());
            }
            return;
        }
        Location wanted = new Location(note.fileIndex, note.offset, note.length);
        if (!wanted.equals(before) && files.get(wanted.fileIndex()) != null) {
            index.put(hash, wanted);
            addLive(wanted.fileIndex(), wanted.length());
            if (before != null) {
                addLive(before.fileIndex(), -before.length());
            }
        }
    }

    private void addLive(long fileId, long bytes) {
        StoreFile file = files.get(fileId);
        if (file != null) {
            file.addLive(bytes);
        }
    }

    private synchronized @Nullable Note lastOf(long high, long low) {
        Note found = null;
        for (Note note = first; note != null; note = note.next) {
            if (note.isOf(high, low)) {
                found = note;
            }
        }
        return found;
    }

    /** Nothing that was noted of a key counts any more. */
    private void forget(long high, long low) {
        if (first != null) {
            removeNotes(high, low);
        }
    }

    private synchronized void removeNotes(long high, long low) {
        Note before = null;
        Note note = first;
        while (note != null) {
            Note next = note.next;
            if (note.isOf(high, low)) {
                if (before == null) {
                    first = next;
                } else {
                    before.next = next;
                }
                note.next = unused;
                unused = note;
            } else {
                before = note;
            }
            note = next;
        }
    }
}
