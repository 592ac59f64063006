package org.blobarena.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Moves a blob out of what the user has it in. */
final class BlobSource {

    private static final int PIECE_BYTES = 64 * 1024;

    /** For what has little, or does not say how much it has. */
    private static final int PIECE_BYTES_MIN = 8 * 1024;

    private BlobSource() {}

    /** Reads to the end of a stream, which stays open. */
    static void put(InputStream source, BlobSink sink) throws IOException {
        try {
            byte[] piece = new byte[Math.min(PIECE_BYTES, Math.max(PIECE_BYTES_MIN, available(source)))];
            for (int count = source.read(piece); count >= 0; count = source.read(piece)) {
                sink.write(ByteBuffer.wrap(piece, 0, count));
            }
            sink.publish();
        } catch (IOException | RuntimeException | Error e) {
            abortAfter(e, sink);
            throw e;
        }
    }

    /** A hint. A stream at a pipe or a terminal may fail to say, and be read all the same. */
    private static int available(InputStream source) {
        try {
            return source.available();
        } catch (IOException e) {
            return 0;
        }
    }

    /** A new stream at a file, which interrupts cannot close, and the length that it has now. */
    record Opened(InputStream stream, long bytes) implements AutoCloseable {

        static Opened open(Path file) throws IOException {
            InputStream stream = Files.newInputStream(file);
            try {
                return new Opened(stream, Files.size(file));
            } catch (IOException | RuntimeException e) {
                stream.close();
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    private static void abortAfter(Throwable cause, BlobSink sink) {
        try {
            sink.abort();
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }
}
