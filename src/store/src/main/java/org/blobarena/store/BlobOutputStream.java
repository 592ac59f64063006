package org.blobarena.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.leak.Watched;
import org.blobarena.store.internal.engine.BlobSink;

/**
 * A stream that writes a blob. <b>Only {@link #commit} stores the blob</b>, as one atomic put; until then readers see
 * the old blob of the key. The blob is discarded if the stream is closed without a commit, if a write or the commit
 * fails, or if the process dies, so a source that fails halfway leaves nothing.
 *
 * <pre>{@code
 * try (BlobOutputStream out = store.newOutputStream(key)) {
 *     page.writeTo(out);
 *     out.commit(); // not reached if the page fails: the key keeps its old blob
 * }
 * }</pre>
 *
 * <p>A stream around this one that buffers or compresses must be flushed or finished before the commit: what it holds
 * back is not in the blob. Closing it closes this stream and discards the blob. With {@link BlobStore#put(Object,
 * BlobWriter)}, closing is harmless.
 *
 * <p>The stream uses at most about 1 MiB of memory, whatever the length. A stream that is neither committed nor closed
 * keeps its bytes on disk, and an open file, until the store is closed or the stream is collected; after the store is closed, a
 * write or commit throws {@link IOException}. Several threads may use the stream, one at a time. {@link #flush} has no effect.
 */
public final class BlobOutputStream extends OutputStream {

    private final BlobSink sink;
    private final Watched watched;

    BlobOutputStream(BlobSink sink, Path directory) {
        this.sink = sink;
        this.watched = sink.watchFor(this, directory);
    }

    /**
     * Writes a byte.
     *
     * @param b the byte, in the lower eight bits
     * @throws IOException under the conditions of {@link #write(byte[], int, int)}
     */
    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /**
     * Writes bytes. After an exception the blob is discarded and cannot be committed.
     *
     * @param bytes the array with the bytes
     * @param from the index of the first byte
     * @param length the number of bytes
     * @throws BlobTooLargeException if the blob exceeds what an arena file can hold
     * @throws DiskFullException if there is no space
     * @throws IOException if the bytes cannot be written, the stream is committed or closed, or the store is closed
     */
    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        try {
            sink.write(ByteBuffer.wrap(bytes, from, length));
        } catch (StoreClosedException e) {
            throw Failures.ofStream(e);
        }
    }

    /**
     * Stores the blob, with the durability of the view that opened this stream. The stream accepts nothing afterwards,
     * even if this method throws. It need not be closed after a commit that returned.
     *
     * @throws WritesRefusedException if the store has to be reopened after an earlier failure
     * @throws DiskFullException if there is no space; the key keeps its old blob
     * @throws IOException if the blob cannot be stored, a write has failed, the stream is already committed or closed,
     *     or the store is closed; the key keeps its old blob
     */
    public void commit() throws IOException {
        try {
            sink.publish();
        } catch (StoreClosedException e) {
            throw Failures.ofStream(e);
        } finally {
            boolean unused = watched.end(); // Nothing is left to be closed, whatever has come of it.
        }
    }

    /**
     * Closes the stream. Without a commit that returned, the blob is discarded and the key keeps its old blob.
     * Otherwise, or if the stream is closed already, this has no effect.
     *
     * @throws IOException if the space on disk cannot be given back; the blob is discarded all the same
     */
    @Override
    public void close() throws IOException {
        boolean unused = watched.end();
        sink.drop();
    }
}
