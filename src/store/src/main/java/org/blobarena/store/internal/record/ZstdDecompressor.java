package org.blobarena.store.internal.record;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import java.io.Closeable;
import java.nio.ByteBuffer;
import org.blobarena.format.FormatException;
import org.blobarena.format.ZstdFrame;

/** A context of zstd, for one thread at a time. */
final class ZstdDecompressor implements Closeable {

    private final ZstdDecompressCtx context = new ZstdDecompressCtx();

    /** @throws LinkageError if it is missing, or does not work here */
    static void loadLibrary() {
        Native.load();
    }

    /**
     * Decompresses a block.
     *
     * @param frame a direct buffer, from its position to its limit
     * @param target a direct buffer, to be filled from its position to its limit, which stay
     * @throws FormatException if the frame is none or more than one, or one of another length
     */
    void decompress(ByteBuffer frame, ByteBuffer target) throws FormatException {
        ZstdFrame.requireOne(frame);
        int bytes;
        try {
            bytes = context.decompressDirectByteBuffer(
                    target, target.position(), target.remaining(), frame, frame.position(), frame.remaining());
        } catch (ZstdException e) {
            throw FormatException.corrupt(
                    "compressed block", "one of " + target.remaining() + " bytes", e.getMessage());
        }
        if (bytes != target.remaining()) {
            throw FormatException.corrupt("length of a decompressed block", target.remaining(), bytes);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
