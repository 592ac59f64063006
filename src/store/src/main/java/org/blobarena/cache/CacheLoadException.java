package org.blobarena.cache;

import java.io.IOException;

/** A loader has failed. The cause is what it threw. Nothing is cached, and the next call loads again. */
public final class CacheLoadException extends IOException {

    private static final long serialVersionUID = 1L;

    CacheLoadException(Throwable cause) {
        super("a blob could not be loaded: " + cause, cause);
    }
}
