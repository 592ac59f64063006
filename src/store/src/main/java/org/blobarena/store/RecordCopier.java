package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Copies records of one file to another, mostly in the order of the first, so that the disk is read forward. A record
 * is verified in full before any of it is copied: damage is not spread, and the file that has it stays. For one thread.
 */
final class RecordCopier {

    private static final int WINDOW_BYTES = 256 * 1024;

    private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final RecordHeader header = new RecordHeader();
    private final RateLimit rate;
    private @Nullable StoreFile windowFile;
    private long windowStart;
    private long bytesRead;

    RecordCopier(RateLimit rate) {
        this.rate = rate;
        window.limit(0);
    }

    /** How much was read from the disk so far. */
    long bytesRead() {
        return bytesRead;
    }

    /**
     * Copies a record behind what the target has.
     *
     * @param entry of the record in its file
     * @throws CorruptBlobException if the record is damaged; nothing of it was copied
     * @throws UnreadableException if it cannot be read; some of it may have been copied
     */
    void copy(StoreFile file, IndexBlock.Entry entry, ActiveFile target) throws IOException {
        Location location = new Location(file.id(), entry.offset(), entry.length());
        byte[] key = open(file, entry);
        long payloadStart = location.end() - header.payloadLength();
        if (header.hasBlocks() || header.isCompressed()) {
            verifyBlocks(file, location);
        } else {
            verifyPayload(file, location, payloadStart);
        }
        rate.spend(location.length());
        target.beginCopy(header, ByteBuffer.wrap(key));
        for (long position = payloadStart; position < location.end(); ) {
            ByteBuffer piece = piece(file, position, location.end() - position);
            position += piece.remaining();
            target.push(piece);
        }
        target.endCopy(entry, header.isCompressed());
    }

    private byte[] open(StoreFile file, IndexBlock.Entry entry) throws IOException {
        try {
            int at = load(file, entry.offset(), RecordHeader.BYTES);
            header.decode(window, at);
            if (header.recordLength() != entry.length()) {
                throw FormatException.corrupt("record length", entry.length(), header.recordLength());
            }
            at = load(file, entry.offset(), RecordHeader.BYTES + header.keyLength());
            header.verify(window, at, file.place(entry.offset()));
            if (header.sequence() != entry.sequence() || header.type() != entry.type()) {
                throw FormatException.corrupt(
                        "sequence number and type of the record",
                        entry.sequence() + ", " + entry.type(),
                        header.sequence() + ", " + header.type());
            }
            byte[] key = new byte[header.keyLength()];
            window.get(at + RecordHeader.BYTES, key);
            return key;
        } catch (FormatException e) {
            throw file.corrupt(entry.offset(), e.getMessage());
        }
    }

    private void verifyBlocks(StoreFile file, Location location) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            new StoredBlocks(file, file, location.offset(), header, scratch).verify(scratch);
        } catch (FormatException e) {
            throw file.corrupt(location.offset(), e.getMessage());
        } catch (CorruptBlobException e) {
            throw e;
        } catch (IOException e) {
            throw failed(file, location.offset(), e);
        }
        bytesRead += header.payloadLength();
    }

    private void verifyPayload(StoreFile file, Location location, long payloadStart) throws IOException {
        CRC32C checksum = new CRC32C();
        for (long position = payloadStart; position < location.end(); ) {
            ByteBuffer piece = piece(file, position, location.end() - position);
            position += piece.remaining();
            checksum.update(piece);
        }
        try {
            header.verifyPayload((int) checksum.getValue());
        } catch (FormatException e) {
            throw file.corrupt(location.offset(), e.getMessage());
        }
    }

    private static IOException failed(StoreFile file, long offset, IOException failure) {
        return StoreFile.isLoss(failure)
                ? file.corrupt(offset, "cannot be read: " + failure)
                : new UnreadableException(file, failure);
    }

    /** Some of the bytes from a position on: at least one. */
    private ByteBuffer piece(StoreFile file, long position, long wanted) throws IOException {
        int at = load(file, position, 1);
        int count = (int) Math.min(wanted, window.limit() - at);
        return window.duplicate().limit(at + count).position(at);
    }

    /** Brings bytes into the window; their index in it. */
    private int load(StoreFile file, long position, int bytes) throws IOException {
        if (file != windowFile || position < windowStart || position + bytes > windowStart + window.limit()) {
            windowFile = null;
            long end = file.arena().length();
            if (position + bytes > end) {
                throw file.corrupt(position, "record: expected " + bytes + " bytes, found " + (end - position));
            }
            window.clear().limit((int) Math.min(window.capacity(), end - position));
            try {
                file.arena().read(window, position);
            } catch (IOException e) {
                throw failed(file, position, e);
            }
            window.flip();
            bytesRead += window.limit();
            windowStart = position;
            windowFile = file;
        }
        return (int) (position - windowStart);
    }
}
