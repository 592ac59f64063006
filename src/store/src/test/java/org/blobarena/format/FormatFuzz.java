package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.blobarena.arena.Location;

/**
 * A target for a fuzzer: decodes any bytes as any structure of the format. What is decoded must be within the ranges
 * of store-format.md and must be written as the very same bytes again, or there would be two ways to write one thing;
 * what is not must be a {@link FormatException}.
 *
 * <p>The first byte of the input chooses the structure, and whether its checksum is put right, so that what lies
 * behind the checksum is reached, and whether the rest are the bytes or changes of bytes that are right: an offset of
 * two bytes and a byte. Public, as the fuzzer calls it from outside.
 */
public final class FormatFuzz {

    private static final long FILE_ID = 7;
    private static final RecordHeader.Place PLACE = new RecordHeader.Place(FILE_ID, 64, 0x5eed_5a17);
    private static final int MENDED = 0x80;
    private static final int CHANGED = 0x40;
    private static final int LINEAGE = CHANGED - 1;
    private static final int COMPRESSED_TABLE = CHANGED - 2;
    private static final int STORED_BYTES = 65_536 + 100;
    private static final UUID STORE = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);
    private static final ArenaFooter CONTENT = new ArenaFooter(
            new Location(FILE_ID, 300, 112), new Location(FILE_ID, 412, 44), 2, 1, 90, 40, 1, 1, -5, 5, 9);

    private FormatFuzz() {}

    /** What a fuzzer calls. */
    public static void fuzzerTestOneInput(byte[] input) {
        check(input);
    }

    /** Whether the input is a structure. */
    static boolean check(byte[] input) {
        if (input.length == 0) {
            return false;
        }
        boolean mended = (input[0] & MENDED) != 0;
        int choice = input[0] & (CHANGED - 1);
        int structure = choice >= COMPRESSED_TABLE ? choice : choice % 6;
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        ByteBuffer bytes = ByteBuffer.wrap((input[0] & CHANGED) == 0 ? rest : changed(structure, rest))
                .order(ByteOrder.LITTLE_ENDIAN);
        try {
            return switch (structure) {
                case 0 -> identity(bytes, mended);
                case 1 -> arenaHeader(bytes, mended);
                case 2 -> record(bytes, mended);
                case 3 -> indexBlock(bytes);
                case 4 -> footer(bytes);
                case LINEAGE -> lineage(bytes);
                case COMPRESSED_TABLE -> compressedTable(bytes);
                default -> cleanMark(bytes, mended);
            };
        } catch (FormatException e) {
            require(e.getMessage().contains("found") || e.isUnsupported(), e.getMessage());
            return false;
        }
    }

    private static byte[] changed(int structure, byte[] changes) {
        ByteBuffer right = switch (structure) {
            case 0 -> new StoreIdentity(STORE, 42).encode();
            case 1 -> new ArenaHeader(FILE_ID, STORE, 5).encode();
            case 2 -> record();
            case 3 -> indexBlock();
            case 4 -> CONTENT.encode();
            case LINEAGE -> new Lineage(List.of(3L, 5L, 6L)).encode();
            case COMPRESSED_TABLE -> compressedTable().encode();
            default -> cleanMark().encode();
        };
        byte[] bytes = new byte[right.remaining()];
        right.get(bytes);
        for (int i = 0; i + 2 < changes.length; i += 3) {
            int offset = Byte.toUnsignedInt(changes[i]) << 8 | Byte.toUnsignedInt(changes[i + 1]);
            bytes[offset % bytes.length] = changes[i + 2];
        }
        return bytes;
    }

    private static ByteBuffer record() {
        byte[] key = {'k', 'e', 'y'};
        byte[] payload = {1, 2, 3, 4, 5};
        RecordHeader header = new RecordHeader();
        header.set(RecordType.VALUE, 9, 64);
        header.setPayload(payload.length, SpecifiedChecksums.of(ByteBuffer.wrap(payload), 0, payload.length));
        header.setExpiry(1_000_000_000_000L);
        ByteBuffer record = ByteBuffer.allocate(RecordHeader.BYTES_MAX + key.length + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        header.encode(record, ByteBuffer.wrap(key), PLACE);
        return record.clear().put(RecordHeader.BYTES_MAX, key).put(RecordHeader.BYTES_MAX + key.length, payload);
    }

    private static ByteBuffer indexBlock() {
        IndexBlock block = IndexBlock.empty();
        block.add(new IndexBlock.Entry(1, 2, RecordType.VALUE, 5, 64, 50, 77));
        block.add(new IndexBlock.Entry(3, 4, RecordType.TOMBSTONE, 9, 114, 40));
        return block.encode(new Location(FILE_ID, 0, 0));
    }

    private static CleanMark cleanMark() {
        List<CleanMark.FileState> files = List.of(
                new CleanMark.FileState(FILE_ID, CleanMark.Status.SEALED, 508, 50, CONTENT),
                new CleanMark.FileState(FILE_ID + 1, CleanMark.Status.ACTIVE, 412, 50, CONTENT));
        return new CleanMark(STORE, 10, FILE_ID + 2, "index-0000000000000001.map", 1, files);
    }

    private static CompressedTable compressedTable() {
        CompressedTable table = new CompressedTable();
        table.add(BlockTable.BLOCK_BYTES, 90, 1);
        table.add(BlockTable.BLOCK_BYTES, BlockTable.BLOCK_BYTES, 2);
        table.add(60, 10, 3);
        return table;
    }

    /** Of a payload that has so many bytes beside the table. */
    private static boolean compressedTable(ByteBuffer bytes) throws FormatException {
        if (bytes.limit() < CompressedTable.END_BYTES) {
            return false;
        }
        int end = bytes.limit() - CompressedTable.END_BYTES;
        long payloadBytes = (long) STORED_BYTES + bytes.limit();
        CompressedTable table = CompressedTable.ofEnd(bytes, end, payloadBytes);
        if (CompressedTable.bytes(table.blobBytes()) != bytes.limit()) {
            return false; // A part of these bytes, or stored ones before them: not what stands here.
        }
        CRC32C checksum = new CRC32C();
        table.decode(bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(end), checksum);
        table.requireFilled(payloadBytes);
        requireSame(table.encode(), bytes);
        require((int) checksum.getValue() == Checksums.of(bytes, 0, bytes.limit()), "another checksum");
        for (int i = 0; i < table.count(); i++) {
            require(table.storedBytes(i) > 0 && table.storedBytes(i) <= table.rawBytes(i), "length of block " + i);
        }
        require(table.storedBytes() == STORED_BYTES, "length " + table.storedBytes());
        return true;
    }

    private static boolean lineage(ByteBuffer bytes) throws FormatException {
        requireSame(Lineage.decode(bytes).encode(), bytes);
        return true;
    }

    private static boolean identity(ByteBuffer bytes, boolean mended) throws FormatException {
        mend(bytes, mended, StoreIdentity.CHECKSUM_OFFSET);
        requireSame(StoreIdentity.decode(bytes).encode(), bytes.slice(0, StoreIdentity.BYTES));
        return true;
    }

    private static boolean arenaHeader(ByteBuffer bytes, boolean mended) throws FormatException {
        mend(bytes, mended, ArenaHeader.CHECKSUM_OFFSET);
        requireSame(ArenaHeader.decode(bytes).encode(), bytes.slice(0, ArenaHeader.BYTES));
        return true;
    }

    /** As scans and reads do: first the lengths, which are compared with what there is, then the rest. */
    private static boolean record(ByteBuffer bytes, boolean mended) throws FormatException {
        RecordHeader header = new RecordHeader();
        if (bytes.limit() < RecordHeader.BYTES) {
            return false;
        }
        header.decode(bytes, 0);
        if (header.recordLength() > bytes.limit()) {
            return false;
        }
        int headerBytes = header.headerBytes();
        ByteBuffer key = bytes.slice(headerBytes, header.keyLength());
        ByteBuffer payload = bytes.slice(headerBytes + header.keyLength(), (int) header.payloadLength());
        int checksum = Checksums.of(payload, 0, payload.limit());
        RecordHeader again = new RecordHeader();
        again.set(header.type(), header.sequence(), header.forcedBytes());
        if (header.isCompressed()) {
            again.setCompressed(header.payloadLength(), checksum);
        } else if (header.hasBlocks()) {
            again.setBlocks(header.payloadLength(), checksum);
        } else {
            again.setPayload(header.payloadLength(), checksum);
        }
        if (mended) {
            bytes.putInt(RecordHeader.SALT_OFFSET, PLACE.salt());
            bytes.putInt(RecordHeader.PAYLOAD_CHECKSUM_OFFSET, checksum);
            bytes.putInt(
                    RecordHeader.CHECKSUM_OFFSET, SpecifiedChecksums.ofRecord(bytes, 0, header.keyLength(), PLACE));
            header.decode(bytes, 0);
        }
        header.verify(bytes, 0, PLACE);
        header.verifyLayout();
        header.verifyPayload(checksum);
        again.setExpiry(header.expiryMillis());
        ByteBuffer written = ByteBuffer.allocate(RecordHeader.BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
        again.encode(written, key, PLACE);
        requireSame(written, bytes.slice(0, headerBytes));
        boolean ofStructure = !RecordType.isOfKey(header.type()) && header.type() != RecordType.VOID;
        require(ofStructure ? header.sequence() == 0 : isSequence(header.sequence()), "sequence " + header.sequence());
        return true;
    }

    private static boolean indexBlock(ByteBuffer bytes) throws FormatException {
        IndexBlock block = IndexBlock.decode(bytes.duplicate());
        require(block.count() > 0 && block.count() <= IndexBlock.ENTRIES_MAX, "count " + block.count());
        IndexBlock again = IndexBlock.empty();
        for (int i = 0; i < block.count(); i++) {
            IndexBlock.Entry entry = block.entry(i);
            require(RecordType.isOfKey(entry.type()) && isSequence(entry.sequence()), entry.toString());
            again.add(entry);
        }
        requireSame(again.encode(block.previous(FILE_ID)), bytes);
        return true;
    }

    private static boolean footer(ByteBuffer bytes) throws FormatException {
        ArenaFooter footer = ArenaFooter.decode(bytes, FILE_ID);
        requireSame(footer.encode(), bytes);
        requireNumbers(footer);
        return true;
    }

    private static boolean cleanMark(ByteBuffer bytes, boolean mended) throws FormatException {
        if (mended && bytes.limit() > CleanMark.STORE_ID_OFFSET) {
            bytes.putInt(CleanMark.CHECKSUM_OFFSET, Checksums.of(bytes, CleanMark.STORE_ID_OFFSET, bytes.limit()));
        }
        CleanMark mark = CleanMark.decode(bytes);
        requireSame(mark.encode(), bytes);
        require(isSequence(mark.nextSequence()) && mark.indexSize() >= 0, mark.toString());
        for (CleanMark.FileState file : mark.files()) {
            require(file.liveBytes() >= 0 && file.length() >= 0, file.toString());
            require(file.length() <= Location.UNSIGNED_MAX, file.toString());
            requireNumbers(file.content());
        }
        return true;
    }

    private static void mend(ByteBuffer bytes, boolean mended, int checksumOffset) {
        if (mended && bytes.limit() >= checksumOffset + Integer.BYTES) {
            bytes.putInt(checksumOffset, Checksums.of(bytes, 0, checksumOffset));
        }
    }

    private static boolean isSequence(long number) {
        return number > 0 && number <= Limits.SEQUENCE_MAX;
    }

    private static void requireNumbers(ArenaFooter content) {
        require(
                content.recordBytes() >= 0
                        && content.tombstoneBytes() >= 0
                        && content.sequenceMin() >= 0
                        && content.sequenceMax() >= 0
                        && content.sequenceMax() <= Limits.SEQUENCE_MAX,
                content.toString());
    }

    private static void requireSame(ByteBuffer written, ByteBuffer read) {
        require(written.equals(read), "written as " + hex(written) + ", read from " + hex(read));
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }

    private static void require(boolean condition, String found) {
        if (!condition) {
            throw new AssertionError(found);
        }
    }
}
