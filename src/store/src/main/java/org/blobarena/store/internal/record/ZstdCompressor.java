package org.blobarena.store.internal.record;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.Closeable;
import java.nio.ByteBuffer;
import org.blobarena.format.BlockTable;

/** A context of zstd and the memory that it works in, for one thread at a time. */
final class ZstdCompressor implements Closeable {

    private static final int LEVEL = 3;

    private final ZstdCompressCtx context = new ZstdCompressCtx().setLevel(LEVEL);
    private final ByteBuffer source = ByteBuffer.allocateDirect(BlockTable.BLOCK_BYTES);

    /** Large enough for whatever comes out, so that zstd need not look where it ends. */
    private final ByteBuffer frame = ByteBuffer.allocateDirect((int) Zstd.compressBound(BlockTable.BLOCK_BYTES));

    /**
     * Compresses a block.
     *
     * @param block from its position to its limit, which stay
     * @return the frame, until the next call
     */
    ByteBuffer compress(ByteBuffer block) {
        source.clear().put(block.duplicate());
        frame.clear();
        int bytes = context.compressDirectByteBuffer(frame, 0, frame.capacity(), source, 0, source.position());
        return frame.limit(bytes);
    }

    @Override
    public void close() {
        context.close();
    }
}
