package org.blobarena.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.blobarena.format.BlockTable;

/**
 * A blob that is being read, as it was when the stream was opened, until the stream is closed. Every byte is verified
 * before it is given out. A stream that is not closed keeps the space of a blob that is overwritten meanwhile. After
 * the store's close, reads are an {@link IOException}. For one thread at a time.
 */
public final class BlobInputStream extends InputStream {

    private final BlobView blob;
    private final byte[] block;
    private long position;
    private long blockStart;
    private int blockBytes;
    private boolean closed;

    BlobInputStream(BlobView blob) {
        this.blob = blob;
        this.block = new byte[(int) Math.min(BlockTable.BLOCK_BYTES, blob.bytes())];
    }

    /**
     * The length of the blob.
     *
     * @return bytes, whatever was read of them
     */
    public long length() {
        return blob.bytes();
    }

    /**
     * Reads a byte.
     *
     * @return 0 to 255, or -1 at the end
     * @throws IOException as of {@link #read(byte[], int, int)}
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
     * @param target the bytes go there
     * @param from index of the first
     * @param length how many, at most
     * @return how many were read, 1 or more unless 0 were asked for, or -1 at the end
     * @throws CorruptBlobException if what is on disk is not what was written
     * @throws IOException if it cannot be read, or the stream or the store is closed
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
     * Passes over bytes without reading them.
     *
     * @param count how many; nothing happens for less than 1
     * @return how many were passed over, fewer at the end
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
     * What is still to be read, which is all on the disk.
     *
     * @return bytes, at most {@code Integer.MAX_VALUE}
     * @throws IOException if the stream is closed
     */
    @Override
    public int available() throws IOException {
        requireOpen();
        return (int) Math.min(Integer.MAX_VALUE, blob.bytes() - position);
    }

    /**
     * Writes what is still to be read.
     *
     * @param out where to; not closed
     * @return how many bytes
     * @throws IOException as of {@link #read(byte[], int, int)}, or what {@code out} throws
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

    /** Lets go of the blob. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        blob.close();
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
            throw e.ofStream();
        }
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
    }
}
