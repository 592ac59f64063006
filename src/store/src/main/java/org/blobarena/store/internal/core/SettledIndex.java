package org.blobarena.store.internal.core;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.jspecify.annotations.Nullable;

/**
 * An index that follows the arena files whatever a change of it meets.
 *
 * <p>A record stands in its file before the index is changed. Should an error come out of that change, as where memory is
 * short, nobody knows whether it was made. It is noted then, for which memory is kept, and made again before the key is
 * next looked up or the index is closed: what is read is what the next opening would find in the files.
 *
 * <p>What writers change here counts as live or dead in the files from then on. Compaction, which replaces, counts by itself.
 *
 * <p>Safe from any thread. Changes of a key are made with its lock held.
 */
public final class SettledIndex implements LocationIndex {

    /** More changes than that are noted only where there is memory. */
    private static final int NOTES_KEPT = 256;

    private final LocationIndex index;
    private final KeyLocks keyLocks;
    private final FileTable files;
    private final Consumer<Throwable> refusal;

    /** The oldest note, null if there is none, which is nearly always so. Changed with this locked. */
    private volatile @Nullable Note first;

    private @Nullable Note unused;

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

        private @Nullable KeyHash hash;

        /** What the key is to have; null if it is to be absent. */
        private @Nullable Location location;

        private @Nullable Note next;
    }

    @Override
    public @Nullable Location get(KeyHash hash) {
        settle(hash);
        return index.get(hash);
    }

    @Override
    public boolean find(IndexProbe probe) {
        if (first != null) {
            settle(probe.hash());
        }
        return index.find(probe);
    }

    @Override
    public @Nullable Location put(KeyHash hash, Location location) throws IOException {
        Location replaced;
        try {
            replaced = index.put(hash, location);
        } catch (RuntimeException | Error e) {
            postpone(hash, location, e);
            throw e;
        }
        forget(hash);
        addLive(location, location.length());
        if (replaced != null) {
            addLive(replaced, -replaced.length());
        }
        return replaced;
    }

    @Override
    public boolean removeIfEqual(KeyHash hash, Location expected) {
        boolean removed;
        try {
            removed = index.removeIfEqual(hash, expected);
        } catch (RuntimeException | Error e) {
            postpone(hash, null, e);
            throw e;
        }
        if (removed) {
            forget(hash);
            addLive(expected, -expected.length());
        }
        return removed;
    }

    /** Removes a key that is present. */
    public void remove(KeyHash hash) {
        Location present = present(hash);
        while (!removeIfEqual(hash, present)) {
            present = present(hash); // Compaction has moved it.
        }
    }

    private Location present(KeyHash hash) {
        Location present;
        try {
            present = index.get(hash);
        } catch (RuntimeException | Error e) {
            postpone(hash, null, e);
            throw e;
        }
        if (present == null) {
            throw new IllegalStateException("the key with hash " + hash + " vanished while its lock was held");
        }
        return present;
    }

    @Override
    public void requireRoom(KeyHash hash) throws IOException {
        index.requireRoom(hash);
    }

    @Override
    public @Nullable Location putIfAbsent(KeyHash hash, Location location) throws IOException {
        settle(hash);
        return index.putIfAbsent(hash, location);
    }

    @Override
    public boolean replaceIfEqual(KeyHash hash, Location expected, Location replacement) throws IOException {
        settle(hash);
        return index.replaceIfEqual(hash, expected, replacement);
    }

    @Override
    public long size() {
        settleAll();
        return index.size();
    }

    @Override
    public long fileBytes() {
        return index.fileBytes();
    }

    @Override
    public Cursor cursor() {
        settleAll();
        return index.cursor();
    }

    @Override
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

    /**
     * Notes what the record of a key says that stands in its file, after everything that was noted before.
     *
     * @param location null for a tombstone
     * @param cause why the index could not be changed
     */
    public synchronized void postpone(KeyHash hash, @Nullable Location location, Throwable cause) {
        Note note = unused;
        if (note == null) {
            try {
                note = new Note();
            } catch (OutOfMemoryError e) {
                refusal.accept(cause);
                return;
            }
        } else {
            unused = note.next;
        }
        note.hash = hash;
        note.location = location;
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
            settle(hash);
            KeyHash next = firstHash();
            hash = hash.equals(next) ? null : next;
        }
    }

    private synchronized @Nullable KeyHash firstHash() {
        Note oldest = first;
        return oldest == null ? null : oldest.hash;
    }

    /** Makes the last change of a key that was noted, if there is one; it stays noted where the index has no room. */
    private void settle(KeyHash hash) {
        if (first == null) {
            return;
        }
        ReentrantLock keyLock = keyLocks.of(hash);
        keyLock.lock();
        try {
            Note last = lastOf(hash);
            if (last != null) {
                make(hash, last.location);
                forget(hash);
            }
        } catch (IOException e) {
            return; // There may be room the next time.
        } finally {
            keyLock.unlock();
        }
    }

    private void make(KeyHash hash, @Nullable Location wanted) throws IOException {
        Location before = index.get(hash);
        if (wanted == null) {
            if (before != null && index.removeIfEqual(hash, before)) {
                addLive(before, -before.length());
            }
        } else if (!wanted.equals(before) && files.get(wanted.fileIndex()) != null) {
            index.put(hash, wanted);
            addLive(wanted, wanted.length());
            if (before != null) {
                addLive(before, -before.length());
            }
        }
    }

    private void addLive(Location location, long bytes) {
        StoreFile file = files.get(location.fileIndex());
        if (file != null) {
            file.addLive(bytes);
        }
    }

    private synchronized @Nullable Note lastOf(KeyHash hash) {
        Note found = null;
        for (Note note = first; note != null; note = note.next) {
            if (hash.equals(note.hash)) {
                found = note;
            }
        }
        return found;
    }

    /** Nothing that was noted of a key counts any more. */
    private void forget(KeyHash hash) {
        if (first != null) {
            removeNotes(hash);
        }
    }

    private synchronized void removeNotes(KeyHash hash) {
        Note before = null;
        Note note = first;
        while (note != null) {
            Note next = note.next;
            if (hash.equals(note.hash)) {
                if (before == null) {
                    first = next;
                } else {
                    before.next = next;
                }
                note.hash = null;
                note.location = null;
                note.next = unused;
                unused = note;
            } else {
                before = note;
            }
            note = next;
        }
    }
}
