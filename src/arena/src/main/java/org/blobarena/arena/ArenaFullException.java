package org.blobarena.arena;

import java.io.IOException;
import org.blobarena.arena.internal.file.FileFullException;

/** A push would have carried an arena file beyond its limit. The writer is as it was and stays usable. */
public final class ArenaFullException extends IOException {

    private static final long serialVersionUID = 1L;

    ArenaFullException(FileFullException cause) {
        super(cause.getMessage(), cause);
    }
}
