package org.blobarena.arena.internal.io;

import java.io.IOException;

/** Somebody else holds the lock of a directory. */
public final class DirectoryLockedException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Says who.
     *
     * @param message names the directory and the process that holds it */
    public DirectoryLockedException(String message) {
        super(message);
    }
}
