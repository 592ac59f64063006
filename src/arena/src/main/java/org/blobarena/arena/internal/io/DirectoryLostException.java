package org.blobarena.arena.internal.io;

import java.io.IOException;

/**
 * A directory in use is no longer what it was: it was moved or replaced, one of its locked files was, or another process
 * has the lock or has had it. The operation has changed nothing.
 */
public final class DirectoryLostException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Says what was found.
     *
     * @param message names the directory or the file, and what has become of it
     */
    public DirectoryLostException(String message) {
        super(message);
    }
}
