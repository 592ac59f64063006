package org.blobarena.store.internal.record;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;
import org.blobarena.format.CompressedTable;
import org.blobarena.format.FormatException;
import org.blobarena.store.api.Compression;

/**
 * Compresses and decompresses blocks, by a library that may be missing: then nothing fails but that. Safe from any
 * thread; to be closed when nobody uses it any more.
 */
public final class BlockCodec implements Closeable {

    private static final String NEED =
            "needs com.github.luben:zstd-jni on the class path, and its native library for this system";

    /** More threads at once make contexts of their own and drop them. */
    private static final int POOLED = 8;

    private final BlockingQueue<ZstdCompressor> compressors = new ArrayBlockingQueue<>(POOLED);
    private final BlockingQueue<ZstdDecompressor> decompressors = new ArrayBlockingQueue<>(POOLED);

    /**
     * Refuses a compression that would fail later.
     *
     * @throws IllegalStateException if its library is missing, or does not work here
     */
    public static void requirePresent(Compression compression) {
        if (compression == Compression.ZSTD) {
            try {
                ZstdDecompressor.loadLibrary();
            } catch (LinkageError e) {
                throw new IllegalStateException("compression " + NEED, e);
            }
        }
    }

    /**
     * Compresses a block if that makes it shorter by what is worth it.
     *
     * @param block from its position to its limit, which stay
     * @param target takes the frame; has room for the block
     * @return false if it does not, and nothing was put there
     */
    public boolean compress(ByteBuffer block, ByteBuffer target) throws IOException {
        if (block.remaining() < CompressedTable.SAVED_BYTES_MIN) {
            return false;
        }
        ZstdCompressor compressor = take(compressors, () -> new ZstdCompressor());
        try {
            ByteBuffer frame = compressor.compress(block);
            boolean isShorter = block.remaining() - frame.remaining() >= CompressedTable.SAVED_BYTES_MIN;
            if (isShorter) {
                target.put(frame);
            }
            return isShorter;
        } finally {
            giveBack(compressors, compressor);
        }
    }

    /**
     * Decompresses a block.
     *
     * @param frame a direct buffer, from its position to its limit
     * @param target a direct buffer, to be filled from its position to its limit, which stay
     * @throws FormatException if the frame is none, or one of another length
     */
    public void decompress(ByteBuffer frame, ByteBuffer target) throws IOException, FormatException {
        ZstdDecompressor decompressor = take(decompressors, () -> new ZstdDecompressor());
        try {
            decompressor.decompress(frame, target);
        } finally {
            giveBack(decompressors, decompressor);
        }
    }

    @Override
    public void close() throws IOException {
        drain(compressors);
        drain(decompressors);
    }

    private static void drain(BlockingQueue<? extends Closeable> pool) throws IOException {
        for (Closeable context = pool.poll(); context != null; context = pool.poll()) {
            context.close();
        }
    }

    /** @param factory a lambda, since a reference to the constructor would link its class before this is called */
    private static <T> T take(BlockingQueue<T> pool, Supplier<T> factory) throws IOException {
        T pooled = pool.poll();
        if (pooled != null) {
            return pooled;
        }
        try {
            return factory.get();
        } catch (LinkageError e) {
            throw new IOException("a compressed blob " + NEED, e);
        }
    }

    private static <T extends Closeable> void giveBack(BlockingQueue<T> pool, T context) throws IOException {
        if (!pool.offer(context)) {
            context.close();
        }
    }
}
