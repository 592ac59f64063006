package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.io.input.ProxyInputStream;

/** A file that is read into a store: counts its bytes, and tells its own failures from those of the store. */
final class SourceStream extends ProxyInputStream {

    private long count;

    SourceStream(InputStream in) {
        super(in);
    }

    /** That the file could not be read, whatever became of the store. */
    static final class Failure extends IOException {

        private static final long serialVersionUID = 1L;

        private final IOException reason;

        Failure(IOException reason) {
            super(reason);
            this.reason = reason;
        }

        IOException reason() {
            return reason;
        }
    }

    long count() {
        return count;
    }

    @Override
    protected void afterRead(int read) {
        count += Math.max(0, read);
    }

    @Override
    protected void handleIOException(IOException e) throws IOException {
        throw new Failure(e);
    }
}
