package org.blobarena.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.blobarena.format.BlockTable;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.leak.Watched;
import org.blobarena.store.internal.engine.BlobView;

/**
 * A stream that reads a blob as it was when the stream was opened. Every byte is verified before it is returned. Until
 * the stream is closed, it keeps the space of the blob even if that is replaced or removed. After the store is closed,
 * reads throw {@link IOException}. For use by one thread at a time.
 */
public final class BlobInputStream extends InputStream {

    private final BlobView blob;
    private final byte[] block;
    private final Watched watched;
    private long position;
    private long blockStart;
    private int blockBytes;
    private boolean closed;

    BlobInputStream(BlobView blob) {
        this.blob = blob;
        this.block = new byte[(int) Math.min(BlockTable.BLOCK_BYTES, blob.bytes())];
        this.watched = blob.watchFor(this);
    }

    /**
     * Returns the length of the blob.
     *
     * @return the length in bytes, whatever was read
     */
    public long length() {
        return blob.bytes();
    }

    /**
     * Reads a byte.
     *
     * @return 0 to 255, or -1 at the end
     * @throws IOException under the conditions of {@link #read(byte[], int, int)}
     */
    @Override
    public int read() throws IOException {
        requireOpen();
        if (position >= blob.bytes()) {
            return -1;
        }
        int at = load();
        position++;
        return Byte.toUnsignedInt(block[at]);
    }

    /**
     * Reads bytes.
     *
     * @param target the array that receives the bytes
     * @param from the index of the first byte
     * @param length the greatest number of bytes
     * @return the number of bytes read, 1 or more unless the length is 0, or -1 at the end
     * @throws CorruptBlobException if the blob is damaged
     * @throws IOException if the blob cannot be read, or the stream or the store is closed
     */
    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, target.length);
        requireOpen();
        if (length == 0) {
            return 0;
        }
        int wanted = (int) Math.min(length, blob.bytes() - position);
        if (wanted == 0) {
            return -1;
        }
        if (position % BlockTable.BLOCK_BYTES == 0 && wanted >= BlockTable.BLOCK_BYTES) {
            int whole = wanted - wanted % BlockTable.BLOCK_BYTES;
            int count = read(position, ByteBuffer.wrap(target, from, whole));
            position += count;
            return count;
        }
        int at = load();
        int count = Math.min(wanted, blockBytes - at);
        System.arraycopy(block, at, target, from, count);
        position += count;
        return count;
    }

    /**
     * Skips bytes without reading them.
     *
     * @param count the number of bytes; less than 1 has no effect
     * @return the number of bytes skipped, less than the count only at the end
     * @throws IOException if the stream is closed
     */
    @Override
    public long skip(long count) throws IOException {
        requireOpen();
        long skipped = Math.max(0, Math.min(count, blob.bytes() - position));
        position += skipped;
        return skipped;
    }

    /**
     * Returns the number of bytes that remain. They are on disk, so reading them may block.
     *
     * @return the number of bytes, at most {@code Integer.MAX_VALUE}
     * @throws IOException if the stream is closed
     */
    @Override
    public int available() throws IOException {
        requireOpen();
        return (int) Math.min(Integer.MAX_VALUE, blob.bytes() - position);
    }

    /**
     * Writes the remaining bytes to another stream.
     *
     * @param out the stream, which is not closed
     * @return the number of bytes
     * @throws IOException under the conditions of {@link #read(byte[], int, int)}, or if {@code out} throws it
     */
    @Override
    public long transferTo(OutputStream out) throws IOException {
        requireOpen();
        long start = position;
        while (position < blob.bytes()) {
            int at = load();
            out.write(block, at, blockBytes - at);
            position += blockBytes - at;
        }
        return position - start;
    }

    /** Closes the stream and releases the blob. Closing again has no effect. */
    @Override
    public void close() {
        closed = true;
        if (watched.end()) {
            blob.close();
        }
    }

    /** Brings the block of the position into memory; the index of the position in it. */
    private int load() throws IOException {
        long start = position - position % BlockTable.BLOCK_BYTES;
        if (blockBytes == 0 || start != blockStart) {
            blockBytes = 0;
            int count = read(start, ByteBuffer.wrap(block));
            blockStart = start;
            blockBytes = count;
        }
        return (int) (position - start);
    }

    private int read(long start, ByteBuffer target) throws IOException {
        try {
            return blob.read(start, target);
        } catch (StoreClosedException e) {
            throw Failures.ofStream(e);
        }
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
    }
}
