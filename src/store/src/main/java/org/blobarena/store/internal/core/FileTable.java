package org.blobarena.store.internal.core;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arena files of a store by id. Read without locks; a change costs the same however many files there are, or a copy of
 * the table once in as many changes.
 *
 * <p>The ids stand in one array in ascending order, the files in another. A file with the greatest id, as nearly every new
 * one has, goes behind the others, where no reader looks before the new count is published. One that is taken out leaves
 * an empty slot, and half of them empty make a new table. Who reads meanwhile finds a file or does not, as if he had come
 * a little earlier.
 */
public final class FileTable {

    private static final int SLOTS_MIN = 16;

    private volatile Slots slots = new Slots(new long[SLOTS_MIN], new StoreFile[SLOTS_MIN], 0);

    /** How many slots have a file. The rest, guarded by this. */
    private int present;

    private long slotsCopied;
    private @Nullable FileChanges changes;

    /** What readers see: nothing behind the count. A slot may be empty. */
    private static final class Slots {

        private final long[] ids;
        private final @Nullable StoreFile[] files;
        private final int count;

        Slots(long[] ids, @Nullable StoreFile[] files, int count) {
            this.ids = ids;
            this.files = files;
            this.count = count;
        }
    }

    public @Nullable StoreFile get(long id) {
        Slots now = slots;
        int slot = Arrays.binarySearch(now.ids, 0, now.count, id);
        return slot < 0 ? null : now.files[slot];
    }

    public synchronized void add(StoreFile file) {
        Slots now = slots;
        if (now.count > 0 && now.ids[now.count - 1] >= file.id()) {
            insert(file);
        } else {
            if (now.count == now.ids.length) {
                now = copy(Math.max(SLOTS_MIN, 2 * present));
            }
            put(now, now.count, file);
            slots = new Slots(now.ids, now.files, now.count + 1);
        }
        present++;
        watch(file);
    }

    /** A file of a lesser id than another, as where somebody has put it back. */
    private void insert(StoreFile file) {
        Slots now = copy(present + 1);
        int at = now.count;
        while (at > 0 && now.ids[at - 1] > file.id()) {
            now.ids[at] = now.ids[at - 1];
            now.files[at] = now.files[at - 1];
            at--;
        }
        put(now, at, file);
        slots = new Slots(now.ids, now.files, now.count + 1);
    }

    private static void put(Slots target, int slot, StoreFile file) {
        target.ids[slot] = file.id();
        target.files[slot] = file;
    }

    /** A table of the files that there are, without empty slots among them. */
    private Slots copy(int capacity) {
        Slots from = slots;
        Slots copy = new Slots(new long[capacity], new StoreFile[capacity], present);
        int next = 0;
        for (int i = 0; i < from.count; i++) {
            StoreFile file = from.files[i];
            if (file != null) {
                put(copy, next, file);
                next++;
            }
        }
        slotsCopied += from.count;
        return copy;
    }

    /** Puts a file in the place of the one with its id. Nobody reads that one any more. */
    public synchronized void replace(StoreFile file) {
        Slots now = slots;
        int slot = Arrays.binarySearch(now.ids, 0, now.count, file.id());
        StoreFile replaced = slot < 0 ? null : now.files[slot];
        if (replaced != null) {
            now.files[slot] = file;
            slots = new Slots(now.ids, now.files, now.count);
            replaced.changed();
            watch(file);
        }
    }

    /** Takes a file out; what is read through it stays readable until it is closed. */
    public synchronized void remove(StoreFile file) {
        Slots now = slots;
        int slot = Arrays.binarySearch(now.ids, 0, now.count, file.id());
        if (slot < 0 || now.files[slot] != file) {
            return;
        }
        now.files[slot] = null;
        present--;
        slots = now.count > SLOTS_MIN && present < now.count / 2
                ? copy(Math.max(SLOTS_MIN, 2 * present))
                : new Slots(now.ids, now.files, now.count);
        FileChanges watching = changes;
        if (watching != null) {
            watching.removed(file);
        }
    }

    /** Returns how many files there are. */
    public synchronized int size() {
        return present;
    }

    /** Returns all files in the order of their ids: a copy. */
    public List<StoreFile> all() {
        Slots now = slots;
        StoreFile[] all = new StoreFile[now.count];
        int count = 0;
        for (int i = 0; i < now.count; i++) {
            StoreFile file = now.files[i];
            if (file != null) {
                all[count] = file;
                count++;
            }
        }
        return Arrays.asList(count == all.length ? all : Arrays.copyOf(all, count));
    }

    /** Returns the file with the greatest id, null if there is none. */
    public @Nullable StoreFile last() {
        Slots now = slots;
        for (int i = now.count - 1; i >= 0; i--) {
            StoreFile file = now.files[i];
            if (file != null) {
                return file;
            }
        }
        return null;
    }

    /**
     * Tells somebody from now on which files come, go and change: at first all that there are.
     *
     * @throws IllegalStateException if somebody is told already
     */
    public synchronized void watch(FileChanges watching) {
        if (changes != null) {
            throw new IllegalStateException("the table is watched already");
        }
        changes = watching;
        all().forEach(this::watch);
    }

    private void watch(StoreFile file) {
        FileChanges watching = changes;
        if (watching != null) {
            file.watch(watching);
        }
    }

    /** How many slots were copied so far. For tests. */
    synchronized long slotsCopied() {
        return slotsCopied;
    }

    /** Closes every file, whatever fails. */
    public void close() throws IOException {
        Throwable failure = null;
        for (StoreFile file : all()) {
            failure = Failures.after(failure, file.arena());
        }
        Failures.rethrow(failure);
    }
}
