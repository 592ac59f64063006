package org.blobarena.store.internal.core;

import java.io.IOException;

/** A file could not be read this time, which says nothing about its bytes: there may have been no descriptor for it. */
public final class UnreadableException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient StoreFile file;

    public UnreadableException(StoreFile file, IOException cause) {
        super(file + " cannot be read: " + cause.getMessage(), cause);
        this.file = file;
    }

    public StoreFile file() {
        return file;
    }
}
