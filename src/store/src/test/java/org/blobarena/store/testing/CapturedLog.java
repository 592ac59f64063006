package org.blobarena.store.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;

/** What is logged, and so printed, while it is open. */
public final class CapturedLog implements AutoCloseable {

    /** Against hanging. */
    private static final long DEADLINE_NANOS = Duration.ofMinutes(1).toNanos();

    private final PrintStream before = System.err;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public CapturedLog() {
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    }

    public String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Collects what is garbage until something holds. */
    public void collectUntil(Callable<Boolean> holds) throws Exception {
        long end = System.nanoTime() + DEADLINE_NANOS;
        while (!holds.call()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not so after a minute; logged was: " + text());
            }
            System.gc();
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        System.setErr(before);
        before.print(text());
    }
}
