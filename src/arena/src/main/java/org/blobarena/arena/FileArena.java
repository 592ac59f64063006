package org.blobarena.arena;

import java.io.IOException;
import java.util.List;
import org.blobarena.arena.internal.file.ReadableFile;

/** Finished arena files, read by {@link Location} from any thread without locks. */
public final class FileArena extends ReadableArena {

    private final ReadableFile[] files;

    /**
     * Makes an arena of files whose indexes are 0 to n - 1, in any order.
     *
     * @param files the files, owned by the arena from now on
     * @throws IllegalArgumentException if an index is missing, duplicate or foreign, that is n or more; the
     *     message names it
     */
    public FileArena(List<ArenaFile> files) {
        ReadableFile[] ordered = new ReadableFile[files.size()];
        for (ArenaFile file : files) {
            if (file.index() >= ordered.length) {
                throw new IllegalArgumentException("index " + file.index() + " is foreign to an arena of "
                        + ordered.length + " files: " + file + missing(files));
            }
            ReadableFile other = ordered[(int) file.index()];
            if (other != null) {
                throw new IllegalArgumentException(
                        "index " + file.index() + " is a duplicate: " + file + " and " + other + missing(files));
            }
            ordered[(int) file.index()] = file.readable();
        }
        this.files = ordered;
    }

    /**
     * Returns the number of files.
     *
     * @return 0 or more
     */
    public int fileCount() {
        return files.length;
    }

    /**
     * Returns the length of all files together.
     *
     * @return 0 or more
     */
    public long totalBytes() {
        long bytes = 0;
        for (ReadableFile file : files) {
            bytes += file.length();
        }
        return bytes;
    }

    /** Closes the files and deletes temporary ones. Reads in flight finish; later ones are refused. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (ReadableFile file : files) {
            try {
                file.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    ReadableFile fileOf(Location location) {
        if (location.fileIndex() >= files.length) {
            throw noSuchFile(location, files.length);
        }
        return files[(int) location.fileIndex()];
    }

    private static String missing(List<ArenaFile> files) {
        for (long index = 0; index < files.size(); index++) {
            long wanted = index;
            if (files.stream().noneMatch(file -> file.index() == wanted)) {
                return "; index " + index + " is missing";
            }
        }
        return "";
    }
}
