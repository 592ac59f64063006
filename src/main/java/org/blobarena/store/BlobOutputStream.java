package org.blobarena.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A blob that is being written. {@link #close} stores it, as one atomic put; until then readers see what the key had,
 * and nothing is left of it after {@link #abort}, after a failed write, or after the death of the process.
 *
 * <pre>{@code
 * BlobOutputStream out = store.newOutputStream(key);
 * try {
 *     page.writeTo(out);
 * } catch (IOException | RuntimeException e) {
 *     out.abort(); // else what was written so far would become the blob
 *     throw e;
 * }
 * out.close();
 * }</pre>
 *
 * <p>Memory is at most about 1 MiB, whatever the length. A stream that is neither closed nor aborted keeps what it has
 * on disk, and an open file, until the store is closed, which aborts it: a later write, or close, is then a {@link
 * StoreClosedException}. For one thread at a time. {@link #flush} does nothing, since there is nothing to see before
 * the end.
 */
public final class BlobOutputStream extends OutputStream {

    private final BlobSink sink;
    private boolean closed;

    BlobOutputStream(BlobSink sink) {
        this.sink = sink;
    }

    /**
     * Adds a byte.
     *
     * @param b its lower eight bits count
     * @throws IOException as of {@link #write(byte[], int, int)}
     */
    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /**
     * Adds bytes. After an exception the stream is aborted.
     *
     * @param bytes holds the bytes
     * @param from index of the first
     * @param length how many
     * @throws BlobTooLargeException if the blob has become larger than an arena file can hold
     * @throws DiskFullException if there is no space
     * @throws StoreClosedException if the store is closed
     * @throws IOException if it cannot be written, or the stream is closed or aborted
     */
    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        boolean written = false;
        try {
            sink.write(ByteBuffer.wrap(bytes, from, length));
            written = true;
        } finally {
            closed |= !written;
        }
    }

    /**
     * Stores the blob, as durably as was asked for. Does nothing after {@link #abort}, after an exception, or again.
     *
     * @throws IOException as of {@link BlobStore#put(Object, byte[])}; nothing was stored
     */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            sink.publish();
        }
    }

    /**
     * Leaves nothing of what was written. Does nothing after {@link #close}, or again.
     *
     * @throws IOException if the bytes on disk could not be given back; they count for nothing all the same
     */
    public void abort() throws IOException {
        if (!closed) {
            closed = true;
            sink.abort();
        }
    }
}
