package org.blobarena.arena;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the files of several writers together, in any order. For one thread at a time.
 *
 * <p>An arena of n files has the indexes 0 to n - 1, each once.
 */
public final class FileArenaBuilder implements Closeable {

    private final List<ArenaFile> files = new ArrayList<>();

    /** Makes an empty builder. */
    public FileArenaBuilder() {}

    /**
     * Adds a file.
     *
     * @param file a finished file; the builder owns it from now on
     * @return this
     * @throws IllegalArgumentException if its index was added before; the file is then still the caller's
     */
    public FileArenaBuilder add(ArenaFile file) {
        requireNew(file);
        files.add(file);
        return this;
    }

    /**
     * Finishes a writer and adds its file.
     *
     * @param writer the writer
     * @return this
     * @throws IllegalArgumentException if its index was added before; the writer is then unchanged
     * @throws IOException if the rest of it cannot be written
     */
    public FileArenaBuilder add(FileArenaWriter writer) throws IOException {
        requireNew(writer.file());
        return add(writer.finish());
    }

    /**
     * Builds the arena.
     *
     * @return the arena, which owns the files; the builder is empty again
     * @throws IllegalArgumentException if an index is missing, or a file's index is foreign because the arena
     *     has fewer files; the files are then still the builder's
     */
    public FileArena build() {
        FileArena arena = new FileArena(files);
        files.clear();
        return arena;
    }

    /** Closes the files that are in no arena. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (ArenaFile file : files) {
            try {
                file.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        files.clear();
        if (failure != null) {
            throw failure;
        }
    }

    private void requireNew(ArenaFile file) {
        for (ArenaFile other : files) {
            if (other.index() == file.index()) {
                throw new IllegalArgumentException(
                        "index " + file.index() + " is a duplicate: " + file + " and " + other);
            }
        }
    }
}
