package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.UnreadableException;
import org.blobarena.store.internal.record.FileWindow;
import org.blobarena.store.internal.record.RecordFrame;
import org.jspecify.annotations.Nullable;

/**
 * Copies records of one file to another, mostly in the order of the first, so that the disk is read forward. A record
 * is verified in full before any of it is copied: damage is not spread, and the file that has it stays. For one thread.
 */
public final class RecordCopier {

    private final FileWindow window = FileWindow.ofBytes(FileWindow.BYTES);
    private final RecordFrame frame = new RecordFrame();
    private final RateLimit rate;
    private @Nullable StoreFile windowFile;
    private long bytesRead;

    public RecordCopier(RateLimit rate) {
        this.rate = rate;
    }

    /** How much was read from the disk so far. */
    public long bytesRead() {
        return bytesRead;
    }

    /**
     * Copies a record behind what the target has.
     *
     * @param entry of the record in its file
     * @throws CorruptBlobException if the record is damaged; nothing of it was copied
     * @throws UnreadableException if it cannot be read; some of it may have been copied
     */
    public void copy(StoreFile file, IndexBlock.Entry entry, ActiveFile target) throws IOException {
        turnTo(file);
        byte[] key = verify(file, entry);
        long end = frame.end();
        rate.acquire(entry.length());
        target.beginCopy(frame.header(), ByteBuffer.wrap(key));
        for (long position = frame.payloadStart(); position < end; ) {
            ByteBuffer piece = window.piece(position, end - position);
            position += piece.remaining();
            target.push(piece);
        }
        target.endCopy(entry, frame.header().isCompressed());
    }

    /**
     * Writes, in the place of a value, a tombstone of its key with its number, which hides what it has hidden. The blob is not
     * read.
     *
     * @param entry of the value in its file
     * @return the length of the tombstone
     * @throws CorruptBlobException if the record is damaged
     * @throws UnreadableException if it cannot be read
     */
    public long bury(StoreFile file, IndexBlock.Entry entry, ActiveFile target) throws IOException {
        turnTo(file);
        byte[] key;
        try {
            open(entry);
            key = frame.key(window);
        } catch (FormatException e) {
            throw file.corrupt(entry.offset(), e.getMessage());
        }
        PendingRecord tombstone =
                PendingRecord.tombstone(new EncodedKey(key, new KeyHash(entry.hashHigh(), entry.hashLow())));
        rate.acquire(tombstone.recordBytes());
        target.append(tombstone, entry.sequence());
        return tombstone.recordBytes();
    }

    private void turnTo(StoreFile file) {
        if (file != windowFile) {
            window.turnTo(
                    (buffer, position) -> read(file, buffer, position),
                    file.arena().length());
            frame.turnTo(file.id(), file.salt());
            windowFile = file;
        }
    }

    private byte[] verify(StoreFile file, IndexBlock.Entry entry) throws IOException {
        try {
            open(entry);
            byte[] key = frame.key(window);
            frame.verifyPayload(window);
            return key;
        } catch (FormatException e) {
            throw file.corrupt(entry.offset(), e.getMessage());
        }
    }

    private void open(IndexBlock.Entry entry) throws IOException, FormatException {
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
    }

    private void read(StoreFile file, ByteBuffer target, long position) throws IOException {
        int bytes = target.remaining();
        try {
            file.read(target, position);
        } catch (IOException e) {
            throw StoreFile.isLoss(e)
                    ? file.corrupt(position, "cannot be read: " + e)
                    : new UnreadableException(file, e);
        }
        bytesRead += bytes;
    }
}
