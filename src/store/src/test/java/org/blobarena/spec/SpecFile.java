package org.blobarena.spec;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The records of one arena file, read by what store-format.md says and by no class of the library.
 *
 * @param id of the file
 * @param bytes all of it
 * @param seed of the store
 * @param salt of the file
 * @param cipher of a file of an encrypted store
 */
record SpecFile(
        long id,
        ByteBuffer bytes,
        long seed,
        int salt,
        @Nullable SpecCipher cipher) {

    static final int VALUE = 1;
    static final int TOMBSTONE = 2;
    private static final int INDEX_BLOCK = 3;
    private static final int FOOTER = 4;
    private static final int VOID = 5;
    private static final int LINEAGE = 6;
    private static final int BLOCK = 65_536;
    private static final long SEQUENCE_MAX = (1L << 56) - 1;

    /** The first half of {@code hash128(key)} and the second. */
    record Hash(long high, long low) {}

    /** What an index block has of a record. */
    record Entry(SpecFile file, Hash hash, int type, long sequence, long offset, long length) {}

    /** A valid header with its key. */
    record Rec(long offset, int type, int flags, long sequence, long forced, int keyLength, long payloadLength) {

        boolean expires() {
            return flags >= 4;
        }

        /** What the payload is: the flags but for expiry. */
        int layout() {
            return flags % 4;
        }

        long key() {
            return offset + (expires() ? 40 : 32);
        }

        long payload() {
            return key() + keyLength;
        }

        long end() {
            return payload() + payloadLength;
        }
    }

    /** Bytes without a valid header, or a record that is no value or tombstone and whose payload is damaged. */
    record Hole(long start, long end) {}

    static SpecFile of(long id, ByteBuffer bytes, long seed, @Nullable SpecCipher cipher) {
        return new SpecFile(id, bytes, seed, salt(id, seed), cipher);
    }

    static Hash hash(byte[] key, long seed) {
        HashValue128 halves = Hashing.xxh3_128(seed).hashBytesTo128Bits(key);
        return new Hash(halves.getLeastSignificantBits(), halves.getMostSignificantBits());
    }

    static int salt(long id, long seed) {
        int salt = (int) Hashing.xxh3_64(seed ^ 0x53414c5453414c54L).hashLongToLong(id);
        return salt == 0 ? 1 : salt;
    }

    static int crc(ByteBuffer bytes, long from, long to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice((int) from, (int) (to - from)));
        return (int) crc.getValue();
    }

    long length() {
        return bytes.limit();
    }

    private long u32(long at) {
        return Integer.toUnsignedLong(bytes.getInt((int) at));
    }

    // ---- "Valid"

    /** The record at an offset, null if none is valid there. */
    @Nullable Rec record(long offset) {
        int at = (int) offset;
        if (offset < 64 || offset + 32 > length() || bytes.getInt(at + 4) != salt) {
            return null;
        }
        Rec found = new Rec(
                offset,
                Byte.toUnsignedInt(bytes.get(at + 30)),
                Byte.toUnsignedInt(bytes.get(at + 31)),
                bytes.getLong(at + 8),
                u32(at + 24),
                Short.toUnsignedInt(bytes.getShort(at + 28)),
                u32(at + 16));
        boolean valid = found.end() <= length()
                && bytes.getInt(at) == headerChecksum(found)
                && isOfItsType(found)
                && found.forced <= offset
                && (!found.expires() || moment(found) < Long.MAX_VALUE)
                && (cipher == null || isEncrypted(cipher, found));
        return valid ? found : null;
    }

    private boolean isEncrypted(SpecCipher present, Rec found) {
        return bytes.getInt((int) found.offset + 20) == 0
                && found.layout() != 1
                && (!isOfKey(found) || present.open(copy(found.key(), found.keyLength), about(1, found)) != null);
    }

    private byte[] about(int what, Rec found) {
        return SpecCipher.about(what, found.offset, copy(found.offset, found.key() - found.offset));
    }

    /** The nonce of a record with a key. */
    private byte[] nonce(Rec found) {
        return copy(found.key(), 12);
    }

    private int headerChecksum(Rec found) {
        CRC32C crc = new CRC32C();
        ByteBuffer place = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        crc.update(place.putInt((int) id).putInt((int) found.offset).flip());
        crc.update(bytes.slice((int) found.offset + 4, (int) (found.payload() - found.offset - 4)));
        return (int) crc.getValue();
    }

    private static boolean isOfItsType(Rec found) {
        boolean numbered = found.sequence >= 1 && found.sequence <= SEQUENCE_MAX;
        return switch (found.type) {
            case VALUE, VOID -> numbered && found.flags <= 6 && found.layout() <= 2;
            case TOMBSTONE -> numbered && found.flags == 0 && found.payloadLength == 0;
            case INDEX_BLOCK, FOOTER, LINEAGE -> found.sequence == 0 && found.flags == 0 && found.keyLength == 0;
            default -> false;
        };
    }

    byte[] key(Rec found) {
        byte[] stored = copy(found.key(), found.keyLength);
        return cipher == null ? stored : Objects.requireNonNull(cipher.open(stored, about(1, found)));
    }

    /** From when on the blob is absent, of a record that expires. */
    long moment(Rec found) {
        return bytes.getLong((int) found.offset + 32);
    }

    // ---- payloads

    /** Whether the payload is right, which does not ask what a compressed block gives. */
    boolean isRight(Rec found) {
        if (cipher != null) {
            return found.type == VOID || decrypted(cipher, found, false) != null;
        }
        return (found.layout() == 2 ? compressed(found, false) : payload(found)) != null;
    }

    /** The bytes that a record stands for, null if its payload is damaged. */
    byte @Nullable [] payload(Rec found) {
        if (cipher != null) {
            return decrypted(cipher, found, true);
        }
        if (found.layout() == 0) {
            boolean tooLong = (found.type == VALUE || found.type == VOID) && found.payloadLength > BLOCK;
            return tooLong || !isCovered(found, found.payload()) ? null : copy(found.payload(), found.payloadLength);
        }
        return found.layout() == 1 ? blocks(found) : compressed(found, true);
    }

    private byte @Nullable [] decrypted(SpecCipher present, Rec found, boolean decompress) {
        if (!isOfKey(found)) {
            return present.open(copy(found.payload(), found.payloadLength), about(2, found));
        }
        return found.layout() == 2 ? decryptedCompressed(present, found, decompress) : decryptedPlain(present, found);
    }

    private byte @Nullable [] decryptedPlain(SpecCipher present, Rec found) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        long at = found.payload();
        for (int block = 0; at < found.end(); block++) {
            long length = Math.min(BLOCK + SpecCipher.ADDED, found.end() - at);
            byte[] plain = present.open(copy(at, length), SpecCipher.aboutBlock(nonce(found), block));
            if (plain == null || plain.length == 0) {
                return null;
            }
            content.writeBytes(plain);
            at += length;
        }
        return content.toByteArray();
    }

    private byte @Nullable [] decryptedCompressed(SpecCipher present, Rec found, boolean decompress) {
        long end = found.end() - SpecCipher.ADDED;
        if (end - found.payload() < 8) {
            return null;
        }
        long blob = bytes.getLong((int) end - 8);
        if (blob < 1 || blob > 0xFFFF_FFFFL || 8 * ceil(blob, BLOCK) + 8 >= end - found.payload()) {
            return null;
        }
        long table = end - 8 - 8 * ceil(blob, BLOCK);
        byte[] about = SpecCipher.join(new byte[] {4}, nonce(found), copy(table, end - table));
        if (present.open(copy(end, SpecCipher.ADDED), about) == null) {
            return null;
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        long at = found.payload();
        long left = blob;
        for (long row = table; row < end - 8; row += 8) {
            long stored = u32(row) + SpecCipher.ADDED;
            int raw = (int) Math.min(BLOCK, left);
            int number = (int) ((row - table) / 8);
            byte[] plain = stored > table - at
                    ? null
                    : present.open(copy(at, stored), SpecCipher.aboutBlock(nonce(found), number));
            if (plain == null || plain.length < 1 || plain.length > raw) {
                return null;
            }
            byte[] block = plain.length == raw || !decompress ? plain : decompressed(plain, raw);
            if (block == null) {
                return null;
            }
            content.writeBytes(block);
            left -= raw;
            at += stored;
        }
        return at == table ? content.toByteArray() : null;
    }

    /** All that is encrypted or authenticated of a valid record, each part with its nonce and its tag. */
    List<byte[]> sealed(Rec found) {
        List<byte[]> parts = new ArrayList<>();
        if (found.keyLength > 0) {
            parts.add(copy(found.key(), found.keyLength));
        }
        long at = found.payload();
        long end = found.end();
        if (found.layout() == 2) {
            end -= SpecCipher.ADDED;
            parts.add(copy(end, SpecCipher.ADDED));
            long table = end - 8 - 8 * ceil(bytes.getLong((int) end - 8), BLOCK);
            for (long row = table; row < end - 8; row += 8) {
                long length = u32(row) + SpecCipher.ADDED;
                parts.add(copy(at, length));
                at += length;
            }
            return parts;
        }
        for (; at < end; at += BLOCK + SpecCipher.ADDED) {
            parts.add(copy(at, Math.min(BLOCK + SpecCipher.ADDED, end - at)));
        }
        return parts;
    }

    /** A payload, to be read. */
    private static ByteBuffer view(byte[] payload) {
        return ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer view(Rec found) {
        return view(Objects.requireNonNull(payload(found)));
    }

    private static long u32(ByteBuffer from, long at) {
        return Integer.toUnsignedLong(from.getInt((int) at));
    }

    private boolean isCovered(Rec found, long from) {
        return crc(bytes, from, found.end()) == bytes.getInt((int) found.offset + 20);
    }

    private byte @Nullable [] blocks(Rec found) {
        long length = found.payloadLength - 4 * ceil(found.payloadLength, BLOCK + 4);
        if (length <= BLOCK || length + 4 * ceil(length, BLOCK) != found.payloadLength) {
            return null;
        }
        long table = found.payload() + length;
        if (!isCovered(found, table)) {
            return null;
        }
        for (long block = 0; block < ceil(length, BLOCK); block++) {
            long from = found.payload() + block * BLOCK;
            if (crc(bytes, from, Math.min(table, from + BLOCK)) != bytes.getInt((int) (table + 4 * block))) {
                return null;
            }
        }
        return copy(found.payload(), length);
    }

    private byte @Nullable [] compressed(Rec found, boolean decompress) {
        if (found.payloadLength < 8) {
            return null;
        }
        long blob = bytes.getLong((int) found.end() - 8);
        if (blob < 1 || blob > 0xFFFF_FFFFL || 8 * ceil(blob, BLOCK) + 8 >= found.payloadLength) {
            return null;
        }
        long table = found.end() - 8 - 8 * ceil(blob, BLOCK);
        if (!isCovered(found, table)) {
            return null;
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        long at = found.payload();
        long left = blob;
        for (long row = table; row < found.end() - 8; row += 8) {
            long stored = u32(row);
            int raw = (int) Math.min(BLOCK, left);
            if (stored < 1
                    || stored > raw
                    || stored > table - at
                    || crc(bytes, at, at + stored) != bytes.getInt((int) row + 4)) {
                return null;
            }
            byte[] block = stored == raw || !decompress ? copy(at, stored) : decompressed(copy(at, stored), raw);
            if (block == null) {
                return null;
            }
            content.writeBytes(block);
            left -= raw;
            at += stored;
        }
        return at == table ? content.toByteArray() : null;
    }

    private static byte @Nullable [] decompressed(byte[] frame, int raw) {
        if (!isOneFrame(ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN))) {
            return null;
        }
        try {
            byte[] content = new byte[raw];
            return Zstd.decompressByteArray(content, 0, raw, frame, 0, frame.length) == raw ? content : null;
        } catch (ZstdException e) {
            return null;
        }
    }

    /** By the lengths of RFC 8878. */
    private static boolean isOneFrame(ByteBuffer frame) {
        if (frame.limit() < 9 || frame.getInt(0) != 0xfd2fb528 || (frame.get(4) & 3) != 0) {
            return false;
        }
        int descriptor = Byte.toUnsignedInt(frame.get(4));
        boolean single = (descriptor & 0x20) != 0;
        int contentSize = descriptor >> 6;
        int at = 5 + (contentSize == 0 ? 1 : (single ? 0 : 1) + (1 << contentSize));
        while (at + 3 <= frame.limit()) {
            int block = Short.toUnsignedInt(frame.getShort(at)) + (Byte.toUnsignedInt(frame.get(at + 2)) << 16);
            at += 3 + ((block >> 1 & 3) == 1 ? 1 : block >> 3);
            if ((block & 1) != 0) {
                return at + ((descriptor & 4) != 0 ? 4 : 0) == frame.limit();
            }
        }
        return false;
    }

    private byte[] copy(long from, long length) {
        byte[] copy = new byte[(int) length];
        bytes.get((int) from, copy);
        return copy;
    }

    private static long ceil(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    // ---- index blocks, footer, lineage

    /** The entries of an index block, null if it is damaged. */
    @Nullable List<Entry> indexBlock(Rec found) {
        byte[] payload = payload(found);
        if (payload == null || payload.length < 16) {
            return null;
        }
        ByteBuffer from = view(payload);
        long count = u32(from, 8);
        int moments = from.getInt(12);
        if (count < 1
                || count > 4096
                || moments < 0
                || moments > 1
                || payload.length != 16 + (32 + 8L * moments) * count) {
            return null;
        }
        List<Entry> entries = new ArrayList<>();
        long firstMoment = 16 + 32 * count;
        boolean expires = false;
        for (int entry = 16; entry < firstMoment; entry += 32) {
            int type = Byte.toUnsignedInt(from.get(entry + 23));
            long sequence = from.getLong(entry + 16) & SEQUENCE_MAX;
            if ((type != VALUE && type != TOMBSTONE) || sequence == 0) {
                return null;
            }
            if (moments == 1 && from.getLong((int) firstMoment + 8 * entries.size()) < Long.MAX_VALUE) {
                expires = true;
                if (type != VALUE) {
                    return null;
                }
            }
            Hash hash = new Hash(from.getLong(entry), from.getLong(entry + 8));
            entries.add(new Entry(this, hash, type, sequence, u32(from, entry + 24), u32(from, entry + 28)));
        }
        return expires == (moments == 1) ? entries : null;
    }

    /** The footer that ends the file, null if it does not end in one and so is not sealed. */
    @Nullable Rec footer() {
        Rec found = record(length() - 112 - (cipher == null ? 0 : SpecCipher.ADDED));
        byte[] payload = found == null || found.type != FOOTER ? null : payload(found);
        if (payload == null || payload.length != 80) {
            return null;
        }
        ByteBuffer from = view(payload);
        boolean right = from.getLong(0) == ascii("BLOBSEAL")
                && (from.getInt(68) == 0 ? from.getLong(72) == 0 : from.getLong(72) < Long.MAX_VALUE)
                && from.getLong(24) >= 0
                && from.getLong(32) >= 0
                && isSequenceOrZero(from.getLong(40))
                && isSequenceOrZero(from.getLong(48));
        return right ? found : null;
    }

    private static boolean isSequenceOrZero(long number) {
        return number >= 0 && number <= SEQUENCE_MAX;
    }

    static long ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
    }

    /** Where the index blocks end that the footer leads to. */
    long lastBlockOffset(Rec footer) {
        return u32(view(footer), 8);
    }

    /** The entries of all index blocks that the footer leads to, null if one is damaged. */
    @Nullable List<Entry> listed(Rec footer) {
        Deque<List<Entry>> blocks = new ArrayDeque<>();
        long offset = u32(view(footer), 8);
        long length = u32(view(footer), 12);
        long before = length();
        while (length > 0) {
            Rec block = offset + length <= before ? record(offset) : null;
            List<Entry> entries = block == null || block.type != INDEX_BLOCK || block.end() != offset + length
                    ? null
                    : indexBlock(block);
            if (block == null || entries == null) {
                return null;
            }
            blocks.push(entries);
            before = offset;
            offset = u32(view(block), 0);
            length = u32(view(block), 4);
        }
        return blocks.stream().flatMap(List::stream).toList();
    }

    long lineageOffset(Rec footer) {
        return u32(view(footer), 56);
    }

    /** The ids that a sealed file replaces, null if the record that names them is damaged. */
    @Nullable List<Long> replaced(Rec footer) {
        long offset = lineageOffset(footer);
        long length = u32(view(footer), 60);
        if (length == 0) {
            return List.of();
        }
        Rec found = record(offset);
        byte[] payload =
                found == null || found.type != LINEAGE || found.end() != offset + length ? null : payload(found);
        if (payload == null) {
            return null;
        }
        ByteBuffer from = view(payload);
        long count = payload.length < 8 ? 0 : u32(from, 0);
        if (count < 1 || count > 4096 || payload.length != 8 + 4 * count || u32(from, 4) != 0) {
            return null;
        }
        List<Long> ids = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            ids.add(u32(from, 8 + 4 * i));
        }
        return ids;
    }

    boolean isIndexBlock(Rec found) {
        return found.type == INDEX_BLOCK;
    }

    boolean isVoid(Rec found) {
        return found.type == VOID;
    }

    static boolean isOfKey(Rec found) {
        return found.type == VALUE || found.type == TOMBSTONE;
    }
}
