package org.blobarena.cli.process;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.blobarena.store.api.StoreLockedException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How long a command waits for the process that has its store open. */
public record Wait(long nanos) {

    public static final Wait NONE = new Wait(0);

    private static final double NANOS = 1e9;

    /** Processes that wait try at different times, or they would keep each other from it. */
    private static final int PAUSE_MILLIS_MIN = 10;

    private static final int PAUSE_MILLIS_MAX = 50;

    /** Opens a store. */
    @FunctionalInterface
    public interface Opening<T> {
        T open() throws IOException;
    }

    /** Tries until the store is free, or the time is over. */
    public <T> T until(Opening<T> opening) throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                return opening.open();
            } catch (StoreLockedException e) {
                if (System.nanoTime() - start >= nanos) {
                    throw e;
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(PAUSE_MILLIS_MIN, PAUSE_MILLIS_MAX));
            } catch (InterruptedException e) {
                throw new InterruptedIOException("interrupted while the store was in use");
            }
        }
    }

    /** Reads seconds, whole or not. */
    public static final class Converter implements ITypeConverter<Wait> {

        @Override
        public Wait convert(String value) {
            double seconds;
            try {
                seconds = Double.parseDouble(value);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + value + "' is no number of seconds");
            }
            if (!(seconds >= 0)) {
                throw new TypeConversionException("'" + value + "' is no number of seconds");
            }
            return new Wait((long) (seconds * NANOS));
        }
    }
}
