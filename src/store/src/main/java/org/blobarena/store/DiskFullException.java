package org.blobarena.store;

import java.io.IOException;
import org.blobarena.arena.io.NoSpaceException;
import org.jspecify.annotations.Nullable;

/**
 * The device that holds the store has no space left for an operation, or a quota is used up. The operation has
 * changed nothing that can be read; reads go on; writes succeed again once there is space, without reopening. The
 * message has the file, and how many bytes were needed and usable.
 *
 * <p>It is told from the space that the device has left. That a quota is used up, or the table of files full, the system says
 * in words only, of the user's language, which may not be understood: then the same failure comes as another {@link
 * IOException} with these words. It has changed as little, and writes succeed again as well; nothing but the type differs.
 */
public final class DiskFullException extends IOException {

    private static final long serialVersionUID = 1L;

    private DiskFullException(IOException failure) {
        super(failure.getMessage(), failure);
    }

    /** This exception if space was lacking, else the failure itself. */
    static IOException orSame(IOException failure) {
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
}
