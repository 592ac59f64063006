package org.blobarena.cli.text;

import java.io.IOException;

/** That a key has no name outside of a store, or a name says no key. */
public final class NameException extends IOException {

    private static final long serialVersionUID = 1L;

    public NameException(String message) {
        super(message);
    }
}
