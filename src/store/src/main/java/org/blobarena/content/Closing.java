package org.blobarena.content;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Closes what was opened before something failed. */
final class Closing {

    private Closing() {}

    /** Closes a resource if there is one; what fails then is suppressed by what failed before. */
    static void after(Throwable failure, @Nullable Closeable resource) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (IOException | RuntimeException | Error e) {
            if (e != failure) {
                failure.addSuppressed(e);
            }
        }
    }
}
