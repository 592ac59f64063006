package org.blobarena.arena.internal.file;

import java.io.IOException;

/** A push would have carried a file beyond its limit. The file is as it was and takes other pushes. */
public final class FileFullException extends IOException {

    private static final long serialVersionUID = 1L;

    FileFullException(String message) {
        super(message);
    }
}
