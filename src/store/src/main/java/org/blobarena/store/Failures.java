package org.blobarena.store;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Steps that are all taken, whatever those before them have met, errors included. */
final class Failures {

    private Failures() {}

    /** Takes a step; returns the first failure so far, which has the others as suppressed ones. */
    static @Nullable Throwable after(@Nullable Throwable earlier, Closeable step) {
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
    static void rethrow(@Nullable Throwable failure) throws IOException {
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
}
