package org.blobarena.store.internal.write;

import java.io.InterruptedIOException;
import java.util.function.BooleanSupplier;
import org.blobarena.store.internal.core.ByteSource;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;

/** Holds work on a whole store to its pace, and ends it where nobody wants it any more. For one thread. */
public final class Pacer {

    private final Pace pace;
    private final boolean interruptible;
    private final BooleanSupplier closing;
    private final Runnable requireOpen;
    private final RateLimit rate;
    private long done;
    private long total;

    /**
     * For work on a store that may be closed meanwhile.
     *
     * @param pace null for work that is done as fast as it can be, whether or not its thread is interrupted
     * @param closing whether the store is being closed
     * @param requireOpen throws if it is
     */
    public Pacer(@Nullable Pace pace, BooleanSupplier closing, Runnable requireOpen) {
        this(
                pace,
                closing,
                requireOpen,
                new RateLimit(
                        pace == null ? 0 : pace.bytesPerSecond(),
                        () -> closing.getAsBoolean() || Thread.currentThread().isInterrupted()));
    }

    /** The same with a rate of a test's. */
    Pacer(@Nullable Pace pace, BooleanSupplier closing, Runnable requireOpen, RateLimit rate) {
        this.pace = pace == null ? Pace.unlimited() : pace;
        this.interruptible = pace != null;
        this.closing = closing;
        this.requireOpen = requireOpen;
        this.rate = rate;
    }

    /** For work on directories that nobody has open. */
    public static Pacer of(Pace pace) {
        return new Pacer(pace, () -> false, () -> {});
    }

    /** Begins anew, with so many bytes to be done. */
    public void begin(long bytes) throws InterruptedIOException {
        done = 0;
        total = bytes;
        passed(0);
    }

    /**
     * Counts bytes that were read or copied, and waits for as long as that was worth.
     *
     * @throws InterruptedIOException if the thread is interrupted
     */
    public void passed(long bytes) throws InterruptedIOException {
        require();
        rate.acquire(bytes);
        require();
        skipped(bytes);
    }

    /** Counts bytes as done that need not be read. */
    public void skipped(long bytes) {
        done = Math.min(total, done + bytes);
        pace.progress().update(done, total);
    }

    /** Counts what is done so far as so much, whatever was read twice or not at all. */
    public void doneBy(long bytes) {
        done = Math.min(total, bytes);
        pace.progress().update(done, total);
    }

    /** Ends the work where it is not wanted any more. */
    public void require() throws InterruptedIOException {
        if (closing.getAsBoolean()) {
            requireOpen.run();
        }
        if (interruptible && Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("the thread was interrupted");
        }
    }

    /** Returns the same bytes, at this pace. */
    public ByteSource slow(ByteSource source) {
        return (target, offset) -> {
            int bytes = target.remaining();
            source.read(target, offset);
            passed(bytes);
        };
    }
}
