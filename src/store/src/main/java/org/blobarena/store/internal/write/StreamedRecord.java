package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.InstantSource;
import java.util.Objects;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.BlockTable;
import org.blobarena.format.Checksums;
import org.blobarena.format.CompressedTable;
import org.blobarena.format.FormatException;
import org.blobarena.format.Layout;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.IndexProbe;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.Reserve;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.core.WriteRefusal;
import org.blobarena.store.internal.core.crypt.FileCipher;
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
 * <p><b>Compression</b> is block by block too, and how much it will save is not known before the end: whether a file
 * has room is asked for the blocks as they are stored and the longer table. Should a blob that is not too long not fit
 * the longest file for that table alone, it is written anew without compression.
 *
 * <p><b>Failure.</b> The caller that gets an exception calls {@link #cut}, and nothing is left.
 *
 * <p>Not safe for several threads.
 */
public final class StreamedRecord {

    private final RecordWriter writer;
    private final StreamFiles files;
    private final Reserve reserve;
    private final WriteRefusal refusal;
    private final EncodedKey key;
    private final long fileBytesMax;
    private final Expiry expiry;
    private final InstantSource clock;
    private final Layout layout;
    private Compression compression;
    private CompressedTable table = new CompressedTable();
    private int lastChecksum;
    private @Nullable PendingRecord complete;
    private long start;
    private @Nullable ActiveFile file;

    /** Of an encrypted record, until its key is encrypted with it. */
    private byte @Nullable [] recordNonce;

    StreamedRecord(StoreContext store, RecordWriter writer, StreamFiles files, EncodedKey key, WriteOptions options) {
        this.writer = writer;
        this.compression = options.compression();
        this.expiry = options.expiry();
        this.clock = store.settings().clock();
        this.files = files;
        this.reserve = store.reserve();
        this.refusal = store.refusal();
        this.key = key;
        this.fileBytesMax = store.settings().fileBytesMax();
        this.layout = store.layout();
    }

    /** @param bytesExpected of the blob, as far as that is known */
    void begin(long bytesExpected) throws IOException {
        reserve.requireSpared(bytesExpected);
        begin(files.take(headerAndKeyBytes() + layout.payloadBytes(bytesExpected), expires()));
    }

    private void begin(ActiveFile taken) throws IOException {
        file = taken;
        writer.makeRoomInIndexBlock(taken, expires()); // Now, since what comes behind the record may be cut with it.
        start = taken.writer().length();
        taken.file().unfinished().begin(start);
        if (layout == Layout.ENCRYPTED) {
            recordNonce = FileCipher.newRecordNonce();
            taken.push(ByteBuffer.allocate(headerAndKeyBytes())); // The key is encrypted with what the header says.
        } else {
            taken.push(ByteBuffer.allocate(headerBytes()), key.buffer());
        }
    }

    /**
     * Writes the next block.
     *
     * @param block {@link BlockTable#BLOCK_BYTES} bytes, fewer only in the last; its position moves to its limit
     * @throws BlobTooLargeException if the blob has become too large for any file
     */
    public void append(ByteBuffer block) throws IOException {
        refusal.require();
        reserve.requireSpared(block.remaining());
        requireFits(table.blobBytes() + block.remaining());
        ByteBuffer frame = compression == Compression.ZSTD ? compressed(block) : null;
        append(block, frame == null ? block : frame);
        block.position(block.limit());
    }

    /** Null if it gets no shorter. On the heap, since the device may be waited for with it. */
    private @Nullable ByteBuffer compressed(ByteBuffer block) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(block.remaining());
        return files.codec().compress(block, frame) ? frame.flip() : null;
    }

    private void append(ByteBuffer block, ByteBuffer shortest) throws IOException {
        ByteBuffer stored = shortest;
        if (!hasRoomFor(block, stored) && start != ArenaHeader.BYTES) {
            moveToEmptyFile();
        }
        if (!hasRoomFor(block, stored)) {
            compression = Compression.NONE;
            moveToEmptyFile();
            stored = block;
        }
        write(block.remaining(), stored);
    }

    private boolean hasRoomFor(ByteBuffer block, ByteBuffer stored) {
        long blobBytes = table.blobBytes() + block.remaining();
        long storedBytes = table.storedBytes() + stored.remaining();
        long payloadBytes = storedBytes < blobBytes
                ? layout.compressedPayloadBytes(blobBytes, storedBytes)
                : layout.payloadBytes(blobBytes);
        return file().hasRoomFor(start, headerAndKeyBytes() + payloadBytes, expires());
    }

    private void write(int rawBytes, ByteBuffer stored) throws IOException {
        int storedBytes = stored.remaining();
        int checksum = 0;
        if (layout == Layout.ENCRYPTED) {
            file().pushBlock(nonce(), table.count(), stored);
        } else {
            checksum = Checksums.of(stored);
            file().push(stored.duplicate());
        }
        table.add(rawBytes, storedBytes, checksum);
        lastChecksum = checksum;
    }

    /** To be called after the last block, before the key's lock is taken: does what takes long. */
    public void complete(Durability durability) throws IOException {
        PendingRecord record = PendingRecord.streamed(
                key, layout, new PendingRecord.Streamed(table, lastChecksum), expiry.millisFrom(clock));
        if (layout == Layout.ENCRYPTED && record.isCompressed()) {
            file().pushTable(nonce(), record.plainTable());
        } else {
            file().push(record.table());
        }
        complete = record;
        file().makeDurable(file().writer().length(), durability);
    }

    /**
     * Makes it a record, after {@link #complete} and with the key's lock.
     *
     * @param place gets where it stands
     */
    public void publish(Durability durability, IndexProbe place) throws IOException {
        ActiveFile target = file();
        PendingRecord record = Objects.requireNonNull(complete, "incomplete");
        record.appended(writer.takeSequence(), target.file().id(), start);
        RecordHeader header = new RecordHeader();
        // What stands before it in the file is never vouched for by itself.
        header.set(
                record.type(),
                record.sequence(),
                Math.min(start, target.writer().forcedBytes()));
        record.describe(header);
        target.writer().amend(encoded(header, target), start);
        target.makeDurable(record.end(), durability);
        writer.list(target, record, record.isCompressed());
        target.file().unfinished().finish();
        file = null;
        files.giveBack(this, target);
        reserve.written();
        place.found(target.file().id(), start, record.length());
    }

    /** Leaves nothing of it, and does nothing once it is published or cut. */
    public void cut() throws IOException {
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

    private ByteBuffer encoded(RecordHeader header, ActiveFile target) {
        ByteBuffer bytes = ByteBuffer.allocate(RecordHeader.BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
        FileCipher cipher = target.file().cipher();
        if (cipher == null) {
            header.encode(bytes, key.buffer(), target.file().place(start));
            return bytes;
        }
        byte[] nonce = nonce();
        recordNonce = null; // It serves one header.
        ByteBuffer stored = ActiveFile.encryptedKey(cipher, header, start, nonce, key.buffer());
        header.encode(bytes, stored, target.file().place(start));
        return ByteBuffer.allocate(headerAndKeyBytes()).put(bytes).put(stored).flip();
    }

    private byte[] nonce() {
        return Objects.requireNonNull(recordNonce, "published");
    }

    /** Also a compressed blob has to, or it could not be written without compression. */
    private void requireFits(long blobBytes) {
        long limit = layout.blobBytesMax(fileBytesMax, key.length(), expires());
        if (blobBytes > limit) {
            throw new BlobTooLargeException(
                    "a blob of " + blobBytes + " bytes or more does not fit an arena file of " + fileBytesMax
                            + " bytes: with this key of " + key.length() + " bytes it can have at most " + limit);
        }
    }

    /**
     * A blob of unknown length has come to the end of a file that other records stand in, or has to do without
     * compression from its first block on.
     */
    private void moveToEmptyFile() throws IOException {
        ActiveFile full = file();
        long payload = start + headerAndKeyBytes();
        CompressedTable written = table;
        byte[] writtenNonce = recordNonce;
        ActiveFile empty = files.begin();
        try {
            begin(empty);
            table = new CompressedTable();
            if (writtenNonce == null) {
                copyBlocks(full, payload, written);
            } else {
                copyEncrypted(full, new Encrypted(payload, written, writtenNonce));
            }
        } finally {
            try {
                full.file().unfinished().cut(full.writer());
            } finally {
                files.giveBack(full);
            }
        }
    }

    /** The blocks of an encrypted record that was begun elsewhere. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Encrypted(long payload, CompressedTable blocks, byte[] nonce) {}

    private void copyEncrypted(ActiveFile from, Encrypted written) throws IOException {
        FileCipher cipher = Objects.requireNonNull(from.file().cipher(), "not encrypted");
        try (Scratch scratch = Scratch.take();
                Scratch other = Scratch.takeSecond()) {
            for (int block = 0; block < written.blocks.count(); block++) {
                long position = written.payload + written.blocks.start(block) + (long) block * Layout.SEAL_BYTES;
                int plainBytes = written.blocks.storedBytes(block);
                ByteBuffer stored = cipher.openBlock(written.nonce, block, plainBytes, new FileCipher.SealedBlock() {
                    @Override
                    public void read(ByteBuffer sealed) throws IOException {
                        from.file().arena().read(sealed, position);
                    }

                    @Override
                    public ByteBuffer target() {
                        return scratch.buffer(plainBytes);
                    }
                });
                copyBlock(stored, written.blocks.rawBytes(block), other);
            }
        } catch (FormatException e) {
            throw from.file().corrupt(written.payload, e.getMessage());
        }
    }

    private void copyBlock(ByteBuffer stored, int rawBytes, Scratch other) throws IOException, FormatException {
        if (compression == Compression.NONE && stored.remaining() < rawBytes) {
            ByteBuffer raw = other.buffer(rawBytes);
            files.codec().decompress(stored, raw);
            write(rawBytes, raw);
        } else {
            write(rawBytes, stored);
        }
    }

    private void copyBlocks(ActiveFile from, long payload, CompressedTable written) throws IOException {
        try (Scratch scratch = Scratch.take();
                Scratch other = Scratch.takeSecond()) {
            for (int block = 0; block < written.count(); block++) {
                ByteBuffer stored = scratch.buffer(written.storedBytes(block));
                from.file().arena().read(stored, payload + written.start(block));
                written.verify(block, Checksums.of(stored.flip()));
                copyBlock(stored, written.rawBytes(block), other);
            }
        } catch (FormatException e) {
            throw from.file().corrupt(payload, e.getMessage());
        }
    }

    private ActiveFile file() {
        return Objects.requireNonNull(file, "ended");
    }

    private boolean expires() {
        return !expiry.isNever();
    }

    private int headerBytes() {
        return expires() ? RecordHeader.BYTES_MAX : RecordHeader.BYTES;
    }

    private int headerAndKeyBytes() {
        return headerBytes() + layout.overheadBytes() + key.length();
    }
}
