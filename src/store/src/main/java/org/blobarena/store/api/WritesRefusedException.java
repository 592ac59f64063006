package org.blobarena.store.api;

import java.io.IOException;

/**
 * Thrown by writes after an earlier failure, which is the cause: it is unknown what is on the device, the directory
 * no longer belongs to this store alone, or the index is damaged. The store refuses writes until it is reopened; reads go on.
 */
public final class WritesRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param cause the earlier failure
     */
    public WritesRefusedException(Throwable cause) {
        super(
                "the store takes no writes until it is reopened, because of an earlier failure: " + cause.getMessage(),
                cause);
    }
}
