package org.blobarena.cli.transfer;

import java.util.Locale;

/** Counts what a command moves, for the line that it ends with. */
public final class Transfer {

    private static final double NANOS = 1e9;
    private static final double MEGABYTE = 1e6;

    private final long startNanos = System.nanoTime();
    private long files;
    private long bytes;

    public void add(long fileBytes) {
        files++;
        bytes += fileBytes;
    }

    public long files() {
        return files;
    }

    public long bytes() {
        return bytes;
    }

    /** Returns the same line, and how many could not be moved, if any. */
    public String summary(String done, long skipped, String what) {
        String summary = summary(done);
        return skipped == 0 ? summary : summary + "; " + skipped + " " + what + " not " + done;
    }

    /** Returns one line such as {@code imported 3 files, 4096 bytes in 0.02 s, 0.2 MB/s}. */
    public String summary(String done) {
        double seconds = (System.nanoTime() - startNanos) / NANOS;
        return String.format(
                Locale.ROOT,
                "%s %d files, %d bytes in %.2f s, %.1f MB/s",
                done,
                files,
                bytes,
                seconds,
                bytes / MEGABYTE / seconds);
    }
}
