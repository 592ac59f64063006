package org.blobarena.store;

import java.io.IOException;

/**
 * An earlier failure left it unknown what is on the device, or the directory is no longer this store's alone, so the
 * store takes no writes until it is reopened. Reads go on. The cause is that failure.
 */
public final class WritesRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    WritesRefusedException(Throwable cause) {
        super(
                "the store takes no writes until it is reopened, because of an earlier failure: " + cause.getMessage(),
                cause);
    }
}
