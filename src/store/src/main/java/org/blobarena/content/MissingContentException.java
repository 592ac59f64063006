package org.blobarena.content;

import java.io.IOException;

/** Thrown if a name is bound to content that the store does not have, or has no more. Nothing is changed. */
public final class MissingContentException extends IOException {

    private static final long serialVersionUID = 1L;

    MissingContentException(String name, Digest digest) {
        super("\"" + name + "\" cannot be bound to " + digest
                + ": the store has no such content. It was never put, or a"
                + " collection has removed it since no name was bound to it; put it again");
    }
}
