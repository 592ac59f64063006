package org.blobarena.arena;

import java.io.IOException;
import org.blobarena.arena.internal.file.FileFullException;

/** Thrown when a push would exceed the limit of an arena file. The writer is unchanged and stays usable. */
public final class ArenaFullException extends IOException {

    private static final long serialVersionUID = 1L;

    ArenaFullException(FileFullException cause) {
        super(cause.getMessage(), cause);
    }
}
