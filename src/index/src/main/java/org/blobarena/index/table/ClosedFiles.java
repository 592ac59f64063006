package org.blobarena.index.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.jspecify.annotations.Nullable;

/**
 * The files that tables of this JVM were closed with. They stay mapped until the garbage collector comes by, and a file that is
 * mapped keeps its space when it is deleted, and cannot be deleted at all on Windows. So the next table in the directory gets
 * such a file instead of space of its own: there may be no other on the disk.
 *
 * <p>Nobody uses the file of a closed table. That is not known of files that another process has left, which are deleted: it
 * may have lost its lock and not its life, and would go on to write there. Safe from any thread.
 */
final class ClosedFiles {

    /** A file of so many times what is wanted is too large to be kept. */
    private static final int SURPLUS_MAX = 4;

    private static final Set<TableFile> CLOSED = Collections.newSetFromMap(new WeakHashMap<>());

    private ClosedFiles() {}

    static void add(TableFile file) {
        synchronized (CLOSED) {
            CLOSED.add(file);
        }
    }

    private static boolean contains(Path directory, TableFileName name) {
        synchronized (CLOSED) {
            return CLOSED.stream().anyMatch(file -> file.isAt(directory, name));
        }
    }

    /**
     * Deletes the files of tables in a directory, but for one that a new table can have.
     *
     * @param bytes how much that will need
     * @return the name of that one, or null if there is none
     */
    static @Nullable TableFileName deleteButOne(Directory directory, long bytes) throws IOException {
        TableFileName kept = null;
        for (TableFileName former : TableFileName.list(directory)) {
            if (kept == null && isUsable(directory, former, bytes)) {
                kept = former;
            } else {
                directory.delete(former.text());
            }
        }
        return kept;
    }

    private static boolean isUsable(Directory directory, TableFileName name, long bytes) throws IOException {
        if (!contains(directory.path(), name) || directory.links(name.text()) > 1) {
            return false;
        }
        try (FileHandle file = directory.openWrite(name.text())) {
            return file.size() / SURPLUS_MAX <= bytes;
        }
    }
}
