package org.blobarena.examples;

import java.io.IOException;

/** What a crawler goes through. */
interface Web {

    /** Receives contents. */
    @FunctionalInterface
    interface Visitor {

        void visit(String address, byte[] content) throws IOException;
    }

    /** Fetches what has not been seen, until that is enough. */
    void crawl(Crawl crawl) throws IOException;

    /** Fetches once more what {@link #crawl} has stored, in the same order. */
    void fetchAgain(Visitor visitor) throws IOException;
}
