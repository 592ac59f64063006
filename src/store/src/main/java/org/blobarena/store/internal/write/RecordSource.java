package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.UnreadableException;
import org.blobarena.store.internal.record.FileWindow;
import org.blobarena.store.internal.record.RecordFrame;
import org.jspecify.annotations.Nullable;

/**
 * Reads records that index blocks list, to write them elsewhere, mostly in the order of their file, so that the disk is read
 * forward. One record is open at a time. For one thread.
 */
public final class RecordSource {

    private final FileWindow window = FileWindow.ofBytes(FileWindow.BYTES);
    private final RecordFrame frame = new RecordFrame();
    private @Nullable StoreFile file;
    private long bytesRead;

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
            return frame.key(window);
        } catch (FormatException e) {
            throw from.corrupt(entry.offset(), e.getMessage());
        }
    }

    /** Opens a record and verifies all of it. */
    public byte[] openVerified(StoreFile from, IndexBlock.Entry entry) throws IOException {
        byte[] key = open(from, entry);
        try {
            frame.verifyPayload(window);
        } catch (FormatException e) {
            throw from.corrupt(entry.offset(), e.getMessage());
        }
        return key;
    }

    /** Takes a part of the payload of the open record. */
    @FunctionalInterface
    public interface PieceTarget {

        void take(ByteBuffer piece) throws IOException;
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
            window.turnTo(
                    (buffer, position) -> read(from, buffer, position),
                    from.arena().length());
            frame.turnTo(from.id(), from.salt());
            file = from;
        }
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
