package org.blobarena.cli.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import org.apache.commons.io.input.ProxyInputStream;
import org.blobarena.arena.Location;

/** What is read into a store: counts its bytes, and tells its own failures from those of the store. */
public final class SourceStream extends ProxyInputStream {

    /** More than a key and everything else in an arena file beside its only blob. */
    public static final long OTHER_BYTES = 1 << 20;

    /** The longest file that any store takes. */
    public static final long BLOB_BYTES_MAX = Location.UNSIGNED_MAX - OTHER_BYTES;

    private final Failures failures;
    private long count;

    /** A blob that can fail alone. */
    public SourceStream(InputStream in) {
        this(in, Failure::new);
    }

    /** @param failures what a failure to read becomes */
    public SourceStream(InputStream in, Failures failures) {
        super(in);
        this.failures = failures;
    }

    /** Says whether a failure is of one blob or of all that follow, by its class. */
    @FunctionalInterface
    public interface Failures {
        IOException of(IOException problem);
    }

    /** That the blob could not be read, whatever became of the store. */
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

    /** @throws FileSystemException if nothing so large can be stored */
    public static void requireFits(String name, long bytes) throws FileSystemException {
        if (bytes > BLOB_BYTES_MAX) {
            throw new FileSystemException(name, null, "is too large: a blob has at most " + BLOB_BYTES_MAX + " bytes");
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
        throw failures.of(e);
    }
}
