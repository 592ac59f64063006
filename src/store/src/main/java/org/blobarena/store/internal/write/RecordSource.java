package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.ByteSource;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.UnreadableException;
import org.blobarena.store.internal.record.FileWindow;
import org.blobarena.store.internal.record.RecordFrame;
import org.blobarena.store.internal.record.StoredBlocks;
import org.jspecify.annotations.Nullable;

/**
 * Reads records that index blocks list, to write them elsewhere, mostly in the order of their file, so that the disk is read
 * forward. One record is open at a time. For one thread.
 */
public final class RecordSource {

    private final int bytesMax;
    private final boolean readsAhead;
    private final FileWindow window;
    private final RecordFrame frame = new RecordFrame();
    private @Nullable ByteBuffer lent;
    private @Nullable StoreFile file;
    private long bytesRead;

    /** Reads ahead, for records that stand next to each other. */
    public RecordSource() {
        this(FileWindow.BYTES, true);
    }

    private RecordSource(int bytesMax, boolean readsAhead) {
        this.bytesMax = bytesMax;
        this.readsAhead = readsAhead;
        this.window = FileWindow.ofBytes(readsAhead ? bytesMax : 0);
    }

    /**
     * Returns one that reads nothing but what is asked for.
     *
     * @param bytesMax how much at once
     */
    static RecordSource exact(int bytesMax) {
        return new RecordSource(bytesMax, false);
    }

    /** How much was read from the disk so far. */
    public long bytesRead() {
        return bytesRead;
    }

    /** What the header of the open record says. */
    public RecordHeader header() {
        return frame.header();
    }

    /**
     * Opens a record; its payload is not looked at.
     *
     * @param entry of the record in its file
     * @return a copy of its key
     * @throws CorruptBlobException if header or key are damaged
     * @throws UnreadableException if they cannot be read
     */
    public byte[] open(StoreFile from, IndexBlock.Entry entry) throws IOException {
        openFrame(from, entry);
        return frame.key(window);
    }

    private void openFrame(StoreFile from, IndexBlock.Entry entry) throws IOException {
        turnTo(from);
        try {
            frame.open(window, entry.offset(), entry.length());
            RecordHeader header = frame.header();
            if (header.sequence() != entry.sequence()
                    || header.type() != entry.type()
                    || header.expiryMillis() != entry.expiryMillis()) {
                throw FormatException.corrupt(
                        "sequence number, type and moment of the record",
                        entry.sequence() + ", " + entry.type() + ", " + entry.expiryMillis(),
                        header.sequence() + ", " + header.type() + ", " + header.expiryMillis());
            }
        } catch (FormatException e) {
            throw from.corrupt(entry.offset(), e.getMessage());
        }
    }

    /** Opens a record and verifies all of it. */
    public byte[] openVerified(StoreFile from, IndexBlock.Entry entry) throws IOException {
        verify(from, entry);
        return frame.key(window);
    }

    /**
     * Reads records that stand one behind the other, or near.
     *
     * @param entries at least one
     * @return their bytes from position to limit, to be changed at will, until a record of another place is opened
     */
    ByteBuffer load(StoreFile from, List<IndexBlock.Entry> entries) throws IOException {
        IndexBlock.Entry last = entries.get(entries.size() - 1);
        long start = entries.get(0).offset();
        long end = last.offset() + last.length();
        turnTo(from);
        if (end > window.end()) {
            throw from.corrupt(last.offset(), "end of the record: expected at most " + window.end() + ", found " + end);
        }
        int unused = window.load(start, Math.toIntExact(end - start));
        return window.piece(start, end - start).duplicate();
    }

    /** Opens a record and verifies all of it, without a copy of its key. */
    void verify(StoreFile from, IndexBlock.Entry entry) throws IOException {
        openFrame(from, entry);
        try {
            frame.verifyPayload(window);
        } catch (FormatException e) {
            throw from.corrupt(entry.offset(), e.getMessage());
        }
    }

    /** Takes a part of the payload of the open record. */
    @FunctionalInterface
    public interface PieceTarget {

        void take(ByteBuffer piece) throws IOException;
    }

    /** Takes the blocks of a record, in their order. */
    interface BlockTarget {

        /** @param block as it is stored before it is encrypted, from position to limit, in a buffer that is used again */
        void take(int number, ByteBuffer block) throws IOException;
    }

    /**
     * Hands over the blocks of the open record, which is encrypted, decrypted.
     *
     * @return the table behind them, which is not encrypted; null if there is none
     * @throws CorruptBlobException if one is damaged
     */
    @Nullable ByteBuffer forEachBlock(BlockTarget target) throws IOException {
        if (!frame.header().isInBlocks()) {
            return null;
        }
        try (Scratch scratch = Scratch.take()) {
            StoredBlocks blocks = new StoredBlocks(frame, window, scratch);
            for (int i = 0; i < blocks.count(); i++) {
                target.take(i, blocks.read(scratch, i));
            }
            return blocks.compressedTable();
        } catch (FormatException e) {
            throw Objects.requireNonNull(file).corrupt(frame.offset(), e.getMessage());
        }
    }

    /** Hands over the payload of the open record piece by piece. */
    public void forEachPiece(PieceTarget target) throws IOException {
        long end = frame.end();
        for (long position = frame.payloadStart(); position < end; ) {
            ByteBuffer piece = window.piece(position, end - position);
            position += piece.remaining();
            target.take(piece);
        }
    }

    private void turnTo(StoreFile from) {
        if (from != file) {
            ByteSource source = (buffer, position) -> read(from, buffer, position);
            if (readsAhead) {
                window.turnTo(source, from.arena().length());
            } else {
                window.turnTo(source, from.arena().length(), buffer().clear().limit(0));
            }
            frame.turnTo(from);
            file = from;
        }
    }

    private ByteBuffer buffer() {
        ByteBuffer buffer = lent;
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(bytesMax).order(ByteOrder.LITTLE_ENDIAN);
            lent = buffer;
        }
        return buffer;
    }

    private void read(StoreFile from, ByteBuffer target, long position) throws IOException {
        int bytes = target.remaining();
        try {
            from.read(target, position);
        } catch (IOException e) {
            throw StoreFile.isLoss(e)
                    ? from.corrupt(position, "cannot be read: " + e)
                    : new UnreadableException(from, e);
        }
        bytesRead += bytes;
    }
}
