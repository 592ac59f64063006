package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.BlockTable;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Limits;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.jspecify.annotations.Nullable;

/**
 * A record that is written block by block, for as long as that takes, to a file that no other record is written to
 * meanwhile.
 *
 * <p><b>Crash.</b> Where its header will be there are zeros until all the rest has been written: what a crash leaves
 * is the torn tail of a file, which recovery cuts. The header goes in its place at the very end, with a sequence
 * number of that moment, so that numbers ascend in each file and the latest publication of a key is the one that
 * counts.
 *
 * <p><b>Failure.</b> Whoever gets an exception calls {@link #cut}, and nothing is left.
 *
 * <p>Not safe for several threads.
 */
final class SeparateRecord {

    private final RecordWriter writer;
    private final SeparateFiles files;
    private final Reserve reserve;
    private final EncodedKey key;
    private final long fileBytesMax;
    private final BlockTable table = new BlockTable();
    private int onlyChecksum;
    private long blobBytes;
    private long start;
    private @Nullable ActiveFile file;

    SeparateRecord(StoreContext store, RecordWriter writer, SeparateFiles files, EncodedKey key) {
        this.writer = writer;
        this.files = files;
        this.reserve = store.reserve();
        this.key = key;
        this.fileBytesMax = store.settings().fileBytesMax();
    }

    /** @param bytesExpected of the blob, as far as that is known */
    void begin(long bytesExpected) throws IOException {
        reserve.requireSpared(bytesExpected);
        begin(files.take(recordBytes(bytesExpected)));
    }

    private void begin(ActiveFile taken) throws IOException {
        file = taken;
        writer.makeRoomInIndexBlock(taken); // Now, since what comes behind the record may be cut with it.
        start = taken.writer().length();
        taken.file().unfinished().begin(start);
        taken.writer().push(ByteBuffer.allocate(RecordHeader.BYTES), ByteBuffer.wrap(key.bytes()));
    }

    /**
     * Writes the next block.
     *
     * @param block {@link BlockTable#BLOCK_BYTES} bytes, fewer only in the last; its position moves to its limit
     * @throws BlobTooLargeException if the blob has become too large for any file
     */
    void append(ByteBuffer block) throws IOException {
        writer.requireUnfailed();
        reserve.requireSpared(block.remaining());
        int checksum = Crc.of(block);
        long bytes = blobBytes + block.remaining();
        if (!file().hasRoomFor(start, recordBytes(bytes))) {
            moveToEmptyFile(bytes);
        }
        file().writer().push(block);
        onlyChecksum = checksum;
        table.add(checksum);
        blobBytes = bytes;
    }

    /** To be called after the last block, before the key's lock is taken: does what takes long. */
    void complete(Durability durability) throws IOException {
        if (BlockTable.isNeeded(blobBytes)) {
            ByteBuffer bytes = table.encode();
            onlyChecksum = Crc.of(bytes);
            file().writer().push(bytes);
        }
        writer.makeDurable(file(), file().writer().length(), durability);
    }

    /** Makes it a record, after {@link #complete} and with the key's lock. */
    Location publish(Durability durability) throws IOException {
        ActiveFile target = file();
        Location location = new Location(target.file().id(), start, recordBytes(blobBytes));
        long sequence = writer.takeSequence();
        target.writer().amend(header(target, sequence), start);
        writer.makeDurable(target, location.end(), durability);
        writer.list(
                target,
                new IndexBlock.Entry(
                        key.hash().high(),
                        key.hash().low(),
                        RecordType.VALUE,
                        sequence,
                        location.offset(),
                        location.length()));
        target.file().unfinished().finish();
        file = null;
        files.giveBack(this, target);
        reserve.written();
        return location;
    }

    /** Leaves nothing of it, and does nothing once it is published or cut. */
    void cut() throws IOException {
        ActiveFile target = file;
        if (target != null) {
            file = null;
            try {
                target.file().unfinished().cut(target.writer());
            } finally {
                files.giveBack(this, target);
            }
        }
    }

    /** What stands before it in the file is never vouched for by itself. */
    private ByteBuffer header(ActiveFile target, long sequence) {
        RecordHeader header = new RecordHeader();
        header.set(RecordType.VALUE, sequence, Math.min(start, target.writer().forcedBytes()));
        long payloadBytes = BlockTable.payloadBytes(blobBytes);
        if (BlockTable.isNeeded(blobBytes)) {
            header.setBlocks(payloadBytes, onlyChecksum);
        } else {
            header.setPayload(payloadBytes, onlyChecksum);
        }
        ByteBuffer bytes = ByteBuffer.allocate(RecordHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.encode(bytes, ByteBuffer.wrap(key.bytes()), target.file().place(start));
        return bytes;
    }

    /** A blob of unknown length has come to the end of a file that other records stand in. */
    private void moveToEmptyFile(long bytes) throws IOException {
        ActiveFile full = file();
        if (start == ArenaHeader.BYTES) {
            throw new BlobTooLargeException("a blob of " + bytes + " bytes or more does not fit an arena file of "
                    + fileBytesMax + " bytes: with this key of " + key.length() + " bytes it can have at most "
                    + Limits.blobBytesMax(fileBytesMax, key.length()));
        }
        long position = start + RecordHeader.BYTES + key.length();
        long end = full.writer().length();
        ActiveFile empty = writer.beginForStreams();
        try (Scratch scratch = Scratch.take()) {
            begin(empty);
            while (position < end) {
                ByteBuffer piece = scratch.buffer(end - position);
                full.file().arena().read(piece, position);
                position += piece.position();
                empty.writer().push(piece.flip());
            }
        } finally {
            full.file().unfinished().cut(full.writer());
            files.giveBack(full);
        }
        if (!empty.hasRoomFor(start, recordBytes(bytes))) {
            moveToEmptyFile(bytes);
        }
    }

    private ActiveFile file() {
        return Objects.requireNonNull(file, "ended");
    }

    private long recordBytes(long blob) {
        return RecordHeader.BYTES + key.length() + BlockTable.payloadBytes(blob);
    }
}
