package org.blobarena.arena;

import java.io.IOException;

/** A push would have carried an arena file beyond its limit. The writer is as it was and stays usable. */
public final class ArenaFullException extends IOException {

    private static final long serialVersionUID = 1L;

    ArenaFullException(String message) {
        super(message);
    }
}
