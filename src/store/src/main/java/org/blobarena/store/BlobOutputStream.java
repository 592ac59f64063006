package org.blobarena.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A blob that is being written. <b>Only {@link #commit} stores it</b>, as one atomic put; until then readers see what the
 * key had. {@link #close} without a commit drops what was written, and so do a failed write, a failed commit, and the death
 * of the process: a source that fails halfway leaves nothing of the blob.
 *
 * <pre>{@code
 * try (BlobOutputStream out = store.newOutputStream(key)) {
 *     page.writeTo(out);
 *     out.commit(); // not reached when the page fails: the key then keeps what it had
 * }
 * }</pre>
 *
 * <p>A stream around this one, such as one that buffers or compresses, must be flushed or finished before the commit, since
 * what it holds back is not in the blob; to close it closes this stream, and drops the blob. {@link
 * BlobStore#put(Object, BlobWriter)} has no such order: there closing is harmless.
 *
 * <p>Memory is at most about 1 MiB, whatever the length. A stream that is neither committed nor closed keeps what it has
 * on disk, and an open file, until the store is closed, which drops it: a later write, or commit, is then an {@link
 * IOException}. Any thread may use the stream, one after the other; what was written before a commit is in the blob, and a
 * later write is refused. {@link #flush} does nothing, since there is nothing to see before the end.
 */
public final class BlobOutputStream extends OutputStream {

    private final BlobSink sink;

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
     * Adds bytes. After an exception the blob is dropped, and cannot be committed.
     *
     * @param bytes holds the bytes
     * @param from index of the first
     * @param length how many
     * @throws BlobTooLargeException if the blob has become larger than an arena file can hold
     * @throws DiskFullException if there is no space
     * @throws IOException if it cannot be written, the stream is committed or closed, or the store is closed
     */
    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        try {
            sink.write(ByteBuffer.wrap(bytes, from, length));
        } catch (StoreClosedException e) {
            throw e.ofStream();
        }
    }

    /**
     * Stores the blob, as durably as was asked for. It is found when this method returns, and after an exception it is not;
     * the stream takes nothing more in either case, and need not be closed after a commit that returned.
     *
     * @throws WritesRefusedException if an earlier failure has to be resolved by reopening the store
     * @throws DiskFullException if there is no space; the key has its old blob
     * @throws IOException if it cannot be stored, a write has failed, the stream is committed or closed already, or the
     *     store is closed; the key has its old blob
     */
    public void commit() throws IOException {
        try {
            sink.publish();
        } catch (StoreClosedException e) {
            throw e.ofStream();
        }
    }

    /**
     * Ends the stream. Without a {@link #commit} that returned, nothing is left of what was written and the key keeps what
     * it had; with one, or again, nothing happens.
     *
     * @throws IOException if the bytes on disk could not be given back; they count for nothing all the same
     */
    @Override
    public void close() throws IOException {
        sink.drop();
    }
}
