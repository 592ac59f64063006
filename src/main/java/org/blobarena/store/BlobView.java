package org.blobarena.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.BlockTable;
import org.blobarena.format.FormatException;

/**
 * A blob as it was when it was looked up, whatever becomes of its key: its file is pinned until the view is closed.
 *
 * <p>Reads pass the gate of the store, and nobody is inside while a target is waited for. For one thread at a time.
 */
final class BlobView implements Closeable {

    /** What is verified and then moved: little enough to be in the processor's cache still, enough for few calls. */
    private static final int PIECE_BLOCKS = 16;

    private final OperationGate gate;
    private final StoreFile file;
    private final BlockReader blocks;
    private boolean closed;

    /** @param file which was pinned for this view */
    BlobView(OperationGate gate, StoreFile file, BlockReader blocks) {
        this.gate = gate;
        this.file = file;
        this.blocks = blocks;
    }

    long bytes() {
        return blocks.blobBytes();
    }

    /**
     * Reads a part of the blob.
     *
     * @param target filled from its position as far as the blob reaches
     */
    int read(long offset, ByteBuffer target) throws IOException {
        gate.enter();
        try (Scratch scratch = Scratch.take()) {
            return blocks.read(scratch, offset, target);
        } catch (FormatException e) {
            throw blocks.corrupt(e);
        } finally {
            gate.exit();
        }
    }

    /** Writes the whole blob. */
    void transferTo(WritableByteChannel target) throws IOException {
        if (target instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        boolean bySystem = target instanceof FileChannel || target instanceof SelectableChannel;
        try (Scratch scratch = Scratch.take()) {
            for (int block = 0; block < blocks.blocks(); block += PIECE_BLOCKS) {
                int end = Math.min(blocks.blocks(), block + PIECE_BLOCKS);
                long moved = 0;
                if (bySystem) {
                    for (int i = block; i < end; i++) {
                        read(scratch, i);
                    }
                    moved = moveBySystem(piece(block, end), target);
                }
                write(scratch, block, end, moved, target);
            }
        }
    }

    /** The bytes of some blocks. */
    private Location piece(int block, int end) {
        long from = (long) block * BlockTable.BLOCK_BYTES;
        long to = Math.min(bytes(), (long) end * BlockTable.BLOCK_BYTES);
        return blocks.locationOf(from, to - from);
    }

    private long moveBySystem(Location piece, WritableByteChannel target) throws IOException {
        long moved = 0;
        long step = 1;
        while (step > 0 && moved < piece.length()) {
            step = moveAtOnce(new Location(file.id(), piece.offset() + moved, piece.length() - moved), target);
            moved += step;
        }
        return moved;
    }

    private long moveAtOnce(Location bytes, WritableByteChannel target) throws IOException {
        try {
            return file.arena().transferTo(bytes, target);
        } catch (IllegalStateException e) {
            gate.enter(); // The file is closed, with the store.
            gate.exit();
            throw e;
        }
    }

    /** Writes some blocks without their first bytes. */
    private void write(Scratch scratch, int block, int end, long skipped, WritableByteChannel target)
            throws IOException {
        long skip = skipped;
        for (int i = block; i < end; i++) {
            long bytes = piece(i, i + 1).length();
            if (skip < bytes) {
                ByteBuffer source = read(scratch, i).position((int) skip);
                while (source.hasRemaining()) {
                    target.write(source);
                }
            }
            skip = Math.max(0, skip - bytes);
        }
    }

    private ByteBuffer read(Scratch scratch, int block) throws IOException {
        gate.enter();
        try {
            return blocks.block(scratch, block);
        } catch (FormatException e) {
            throw blocks.corrupt(e);
        } finally {
            gate.exit();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            file.unpin();
        }
    }
}
