package org.blobarena.store.internal.core;

import java.io.Closeable;
import java.io.IOException;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.WritesRefusedException;
import org.jspecify.annotations.Nullable;

/** What becomes of failures: steps that are all taken whatever those before them have met, and exceptions that users know. */
public final class Failures {

    private Failures() {}

    /** Takes a step; returns the first failure so far, which has the others as suppressed ones. */
    public static @Nullable Throwable after(@Nullable Throwable earlier, Closeable step) {
        try {
            step.close();
            return earlier;
        } catch (IOException | RuntimeException | Error e) {
            if (earlier == null) {
                return e;
            }
            if (earlier != e) {
                earlier.addSuppressed(e);
            }
            return earlier;
        }
    }

    /** Throws a failure, if there is one. */
    public static void rethrow(@Nullable Throwable failure) throws IOException {
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    /** Returns the exception by which users know a lack of space, or the failure itself if it is none. */
    public static IOException translate(IOException failure) {
        if (failure instanceof DiskFullException || failure instanceof WritesRefusedException) {
            return failure;
        }
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof NoSpaceException) {
                return new DiskFullException(failure);
            }
        }
        return failure;
    }

    /** Returns what a stream throws in a closed store: its users expect an {@link IOException} and nothing else. */
    public static IOException ofStream(StoreClosedException closed) {
        return new IOException(closed.getMessage(), closed);
    }

    /** Throws what {@link #ofStream} has wrapped, or returns the failure of a stream as it is. */
    public static IOException unwrap(IOException failure) {
        if (failure.getCause() instanceof StoreClosedException closed) {
            throw closed;
        }
        return failure;
    }
}
