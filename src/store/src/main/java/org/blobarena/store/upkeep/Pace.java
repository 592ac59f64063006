package org.blobarena.store.upkeep;

import java.util.Objects;

/**
 * How fast work on a whole store may read and copy, and who is told how far it is. Immutable.
 *
 * <p>An interrupt of the thread that does such work ends it with a {@link java.io.InterruptedIOException}; the thread stays
 * interrupted. So does a close of the store, with a {@link org.blobarena.store.api.StoreClosedException}.
 */
public final class Pace {

    private static final Pace UNLIMITED = new Pace(0, (done, total) -> {});

    private final long bytesPerSecond;
    private final Progress progress;

    private Pace(long bytesPerSecond, Progress progress) {
        this.bytesPerSecond = bytesPerSecond;
        this.progress = progress;
    }

    /**
     * Returns the pace of work that is done as fast as it can be, and tells nobody.
     *
     * @return the default
     */
    public static Pace unlimited() {
        return UNLIMITED;
    }

    /**
     * Returns the same with a limit of speed. What is read or copied counts, evenly: pieces of 256 KiB at most, each followed by
     * a pause. What is read of an index, and of a copy to verify it, does not count.
     *
     * @param bytes bytes per second, 1 or more; by default there is no limit
     * @return a pace
     * @throws IllegalArgumentException if it is not positive
     */
    public Pace withBytesPerSecond(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException(bytes + " bytes per second is not positive");
        }
        return new Pace(bytes, progress);
    }

    /**
     * Returns the same that tells somebody.
     *
     * @param listener called from time to time
     * @return a pace
     */
    public Pace withProgress(Progress listener) {
        return new Pace(bytesPerSecond, Objects.requireNonNull(listener, "listener"));
    }

    /**
     * Returns the limit of speed.
     *
     * @return bytes per second, 0 if there is no limit
     */
    public long bytesPerSecond() {
        return bytesPerSecond;
    }

    /**
     * Returns who is told.
     *
     * @return the listener, which may do nothing
     */
    public Progress progress() {
        return progress;
    }

    /** Receives how far work is. */
    @FunctionalInterface
    public interface Progress {

        /**
         * Receives what is done so far, in the thread that does it, which holds no lock that readers or writers wait for. It may
         * use the store. What it throws ends the work.
         *
         * @param done bytes, at most the total
         * @param total bytes of all that is to be done; it does not change
         */
        void update(long done, long total);
    }
}
