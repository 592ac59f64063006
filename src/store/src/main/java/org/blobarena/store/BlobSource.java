package org.blobarena.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.engine.BlobSink;
import org.jspecify.annotations.Nullable;

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
            dropAfter(e, sink);
            throw e;
        }
    }

    /** Returns a hint. A stream at a pipe or a terminal may fail to say, and be read all the same. */
    private static int available(InputStream source) {
        try {
            return source.available();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Lets a writer write, and stores the blob if it returns. */
    static void put(BlobWriter source, BlobSink sink) throws IOException {
        WriterStream out = new WriterStream(sink);
        try {
            source.writeTo(out);
            sink.publish();
        } catch (IOException e) {
            dropAfter(e, sink);
            if (out.storeClosed != null) {
                throw out.storeClosed; // Which a stream cannot throw.
            }
            throw e;
        } catch (RuntimeException | Error e) {
            dropAfter(e, sink);
            throw e;
        }
    }

    /**
     * What a writer is given. Its close stores nothing, since a stream around it is closed when its source fails, too; and
     * drops nothing, since it is closed when all is well.
     */
    private static final class WriterStream extends OutputStream {

        private final BlobSink sink;
        private volatile boolean closed;
        private volatile @Nullable StoreClosedException storeClosed;

        WriterStream(BlobSink sink) {
            this.sink = sink;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            Objects.checkFromIndexSize(from, length, bytes.length);
            if (closed) {
                throw new IOException("the stream is closed");
            }
            try {
                sink.write(ByteBuffer.wrap(bytes, from, length));
            } catch (StoreClosedException e) {
                storeClosed = e;
                throw Failures.ofStream(e);
            }
        }

        @Override
        public void close() {
            closed = true;
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

    private static void dropAfter(Throwable cause, BlobSink sink) {
        try {
            sink.drop();
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }
}
