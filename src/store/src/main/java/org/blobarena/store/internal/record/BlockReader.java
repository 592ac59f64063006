package org.blobarena.store.internal.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.BlockTable;
import org.blobarena.format.FormatException;
import org.blobarena.store.internal.core.ByteSource;

/** Reads the blob of one record by its blocks, whole or in part. For one thread at a time. */
final class BlockReader {

    private final StoredBlocks stored;
    private final BlockCodec codec;

    BlockReader(StoredBlocks stored, BlockCodec codec) {
        this.stored = stored;
        this.codec = codec;
    }

    /** Turns to another record, as {@link StoredBlocks#turnTo} does. */
    void turnTo(ByteSource source, Scratch scratch) throws IOException, FormatException {
        stored.turnTo(source, scratch);
    }

    /** Returns the length of the blob. */
    long blobBytes() {
        return stored.blobBytes();
    }

    /** Returns how many blocks there are; none in an empty blob. */
    int blocks() {
        return stored.count();
    }

    /**
     * Reads a part of the blob, and verifies the blocks that it touches.
     *
     * @param blobOffset of the first byte, at most the length of the blob
     * @param target filled from its position as far as the blob reaches
     * @return how many bytes
     * @throws FormatException if a block is damaged
     */
    int read(Scratch scratch, long blobOffset, ByteBuffer target) throws IOException, FormatException {
        int count = (int) Math.min(target.remaining(), blobBytes() - blobOffset);
        for (int done = 0; done < count; ) {
            long position = blobOffset + done;
            ByteBuffer block = block(scratch, (int) (position / BlockTable.BLOCK_BYTES));
            block.position((int) (position % BlockTable.BLOCK_BYTES));
            block.limit(block.position() + Math.min(block.remaining(), count - done));
            done += block.remaining();
            target.put(block);
        }
        return count;
    }

    /**
     * Reads and verifies a block, and decompresses it if it is compressed.
     *
     * @return its bytes, from position to limit, in the buffer of the scratch
     * @throws FormatException if it is damaged
     */
    ByteBuffer block(Scratch scratch, int block) throws IOException, FormatException {
        int rawBytes = stored.rawBytes(block);
        if (stored.storedBytes(block) == rawBytes) {
            return stored.read(scratch, block);
        }
        try (Scratch other = Scratch.takeSecond()) {
            ByteBuffer frame = stored.read(other, block);
            ByteBuffer raw = scratch.buffer(rawBytes);
            codec.decompress(frame, raw);
            return raw;
        }
    }
}
