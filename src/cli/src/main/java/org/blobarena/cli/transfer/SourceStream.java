package org.blobarena.cli.transfer;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.io.input.ProxyInputStream;
import org.blobarena.arena.Location;

/** A file that is read into a store: counts its bytes, and tells its own failures from those of the store. */
public final class SourceStream extends ProxyInputStream {

    /** More than a key and everything else in an arena file beside its only blob. */
    public static final long OTHER_BYTES = 1 << 20;

    /** The longest file that any store takes. */
    public static final long BLOB_BYTES_MAX = Location.UNSIGNED_MAX - OTHER_BYTES;

    private long count;

    public SourceStream(InputStream in) {
        super(in);
    }

    /** That the file could not be read, whatever became of the store. */
    public static final class Failure extends IOException {

        private static final long serialVersionUID = 1L;

        private final IOException reason;

        public Failure(IOException reason) {
            super(reason);
            this.reason = reason;
        }

        public IOException reason() {
            return reason;
        }
    }

    public long count() {
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
