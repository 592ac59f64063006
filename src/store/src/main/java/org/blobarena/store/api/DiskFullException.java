package org.blobarena.store.api;

import java.io.IOException;

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

    /**
     * Makes the exception.
     *
     * @param failure what the operation met; its message becomes that of the exception
     */
    public DiskFullException(IOException failure) {
        super(failure.getMessage(), failure);
    }
}
