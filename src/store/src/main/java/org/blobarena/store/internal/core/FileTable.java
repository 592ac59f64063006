package org.blobarena.store.internal.core;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arena files of a store by id. Read without locks; changed by copying, which is rare. */
public final class FileTable {

    private volatile StoreFile[] files = new StoreFile[0];

    public @Nullable StoreFile get(long id) {
        StoreFile[] sorted = files;
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = sorted[middle].id();
            if (found == id) {
                return sorted[middle];
            }
            if (found < id) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    public synchronized void add(StoreFile file) {
        StoreFile[] present = files;
        int at = present.length;
        while (at > 0 && present[at - 1].id() > file.id()) { // Nearly always the last.
            at--;
        }
        StoreFile[] grown = Arrays.copyOf(present, present.length + 1);
        System.arraycopy(present, at, grown, at + 1, present.length - at);
        grown[at] = file;
        files = grown;
    }

    /** Puts a file in the place of the one with its id. Nobody reads that one any more. */
    public synchronized void replace(StoreFile file) {
        StoreFile[] copy = files.clone();
        for (int i = 0; i < copy.length; i++) {
            if (copy[i].id() == file.id()) {
                copy[i] = file;
            }
        }
        files = copy;
    }

    /** Takes a file out; what is read through it stays readable until it is closed. */
    public synchronized void remove(StoreFile file) {
        files = Arrays.stream(files).filter(each -> each != file).toArray(StoreFile[]::new);
    }

    /** Returns all files in the order of their ids. */
    public List<StoreFile> all() {
        return Arrays.asList(files);
    }

    /** Closes every file, whatever fails. */
    public void close() throws IOException {
        Throwable failure = null;
        for (StoreFile file : files) {
            failure = Failures.after(failure, file.arena());
        }
        Failures.rethrow(failure);
    }
}
