package org.blobarena.jcache;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes what a user gave to a cache, if it can be closed. */
final class Closing {

    private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

    private Closing() {}

    /** A failure is logged: the cache is closed nevertheless. */
    static void quietly(@Nullable Object closed) {
        if (closed instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.warn("{} cannot be closed", closed.getClass(), e);
            }
        }
    }
}
