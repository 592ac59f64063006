package org.blobarena.store;

import java.io.IOException;
import org.blobarena.arena.io.NoSpaceException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if the device has no space for an operation, or a quota is exhausted. The operation has changed nothing that
 * can be read. Reads go on, and writes succeed again once there is space, without reopening. The message contains the
 * file and the numbers of bytes needed and available.
 *
 * <p>The free space of the device decides. The system reports an exhausted quota, or a full table of files, only as a
 * message in the user's language, which may not be recognised. The failure is then another {@link IOException} with
 * that message and the same effects.
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
