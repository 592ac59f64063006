package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The content of the file {@code KEYS} of an encrypted store: the ids of the user's keys that its files may need, each with
 * what tells whether a key is the right one, and the secret of the store, encrypted with the key that is used now.
 *
 * <p>The file holds it twice: its two halves are equal, each filled with zeros to whole sectors.
 *
 * @param storeId the store that it belongs to
 * @param currentKeyId id of the key with which the secret is encrypted, a key of {@code checks}
 * @param wrappedSecret nonce, secret and tag, of {@value #WRAPPED_BYTES} bytes
 * @param checks what tells that a key is right, of {@value #CHECK_BYTES} bytes, by the id of the key
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record KeyTable(UUID storeId, int currentKeyId, byte[] wrappedSecret, SortedMap<Integer, byte[]> checks) {

    /** Bytes of the store's secret. */
    public static final int SECRET_BYTES = 32;

    /** Bytes of the secret as it stands in the file. */
    public static final int WRAPPED_BYTES = SECRET_BYTES + Layout.SEAL_BYTES;

    /** Bytes that tell whether a key is right. */
    public static final int CHECK_BYTES = 16;

    /** How many keys a store can have had. */
    public static final int KEYS_MAX = 4096;

    /** Bytes before the rows. */
    public static final int HEADER_BYTES = 100;

    /** Bytes of a row. */
    public static final int ROW_BYTES = 4 + CHECK_BYTES;

    private static final int SECTOR_BYTES = 512;

    /** The longest file. */
    public static final int FILE_BYTES_MAX = 2 * halfBytes(KEYS_MAX);

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int CHECKSUM_OFFSET = 12;
    static final int STORE_ID_OFFSET = 16;
    static final int CURRENT_KEY_ID_OFFSET = 32;
    static final int COUNT_OFFSET = 36;
    static final int WRAPPED_SECRET_OFFSET = 40;
    static final int ROW_KEY_ID_OFFSET = 0;
    static final int ROW_CHECK_OFFSET = 4;

    /** "BLOBKEYS" in ASCII. */
    static final long MAGIC = 0x5359454b_424f4c42L;

    /**
     * The bytes of the file.
     *
     * @return a new buffer, ready to be read
     */
    public ByteBuffer encodeFile() {
        int half = halfBytes(checks.size());
        ByteBuffer bytes = ByteBuffer.allocate(half).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC_OFFSET, MAGIC);
        bytes.putInt(VERSION_OFFSET, Limits.ENCRYPTED_VERSION);
        Uuids.put(bytes, STORE_ID_OFFSET, storeId);
        bytes.putInt(CURRENT_KEY_ID_OFFSET, currentKeyId);
        bytes.putInt(COUNT_OFFSET, checks.size());
        bytes.put(WRAPPED_SECRET_OFFSET, wrappedSecret);
        int at = HEADER_BYTES;
        for (Map.Entry<Integer, byte[]> row : checks.entrySet()) {
            bytes.putInt(at + ROW_KEY_ID_OFFSET, row.getKey());
            bytes.put(at + ROW_CHECK_OFFSET, row.getValue());
            at += ROW_BYTES;
        }
        bytes.putInt(CHECKSUM_OFFSET, Checksums.of(bytes, STORE_ID_OFFSET, half));
        return ByteBuffer.allocate(2 * half)
                .put(bytes.array())
                .put(bytes.array())
                .flip();
    }

    /**
     * Reads one half of the file.
     *
     * @param source the half, from position to limit
     * @return what it holds
     * @throws FormatException if it is damaged or of a newer version
     */
    public static KeyTable decode(ByteBuffer source) throws FormatException {
        ByteBuffer bytes = source.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() < SECTOR_BYTES || bytes.limit() > halfBytes(KEYS_MAX)) {
            throw FormatException.corrupt(
                    "length of half of the keys", SECTOR_BYTES + " to " + halfBytes(KEYS_MAX), bytes.limit());
        }
        Fixed.requireMagic(bytes, "keys", MAGIC);
        int expected = Checksums.of(bytes, STORE_ID_OFFSET, bytes.limit());
        int found = bytes.getInt(CHECKSUM_OFFSET);
        if (expected != found) {
            throw FormatException.corrupt("checksum of the keys", Checksums.hex(expected), Checksums.hex(found));
        }
        int version = bytes.getInt(VERSION_OFFSET);
        if (version != Limits.ENCRYPTED_VERSION) {
            throw Integer.compareUnsigned(version, Limits.ENCRYPTED_VERSION) > 0
                    ? FormatException.unsupported("the keys", Limits.ENCRYPTED_VERSION, version)
                    : FormatException.corrupt("version of the keys", Limits.ENCRYPTED_VERSION, version);
        }
        int count = bytes.getInt(COUNT_OFFSET);
        if (count < 1 || count > KEYS_MAX || halfBytes(count) != bytes.limit()) {
            throw FormatException.corrupt(
                    "number of keys in " + bytes.limit() + " bytes", "as many as fit", Integer.toUnsignedString(count));
        }
        byte[] wrapped = new byte[WRAPPED_BYTES];
        bytes.get(WRAPPED_SECRET_OFFSET, wrapped);
        KeyTable table = new KeyTable(
                Uuids.get(bytes, STORE_ID_OFFSET), bytes.getInt(CURRENT_KEY_ID_OFFSET), wrapped, rows(bytes, count));
        if (!table.checks.containsKey(table.currentKeyId)) {
            throw FormatException.corrupt(
                    "id of the key in use", "one of " + table.checks.keySet(), table.currentKeyId);
        }
        Fixed.requireZero(bytes, HEADER_BYTES + count * ROW_BYTES, bytes.limit());
        return table;
    }

    private static SortedMap<Integer, byte[]> rows(ByteBuffer bytes, int count) throws FormatException {
        SortedMap<Integer, byte[]> rows = new TreeMap<>();
        int before = 0;
        for (int i = 0; i < count; i++) {
            int at = HEADER_BYTES + i * ROW_BYTES;
            int keyId = bytes.getInt(at + ROW_KEY_ID_OFFSET);
            if (keyId <= before) {
                throw FormatException.corrupt("id of key " + i, "more than " + before, Integer.toUnsignedString(keyId));
            }
            byte[] check = new byte[CHECK_BYTES];
            bytes.get(at + ROW_CHECK_OFFSET, check);
            rows.put(keyId, check);
            before = keyId;
        }
        return rows;
    }

    private static int halfBytes(int keys) {
        int bytes = HEADER_BYTES + keys * ROW_BYTES;
        return (bytes + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
    }

    /** Keeps what is secret, though encrypted, out of logs. */
    @Override
    public String toString() {
        return "KeyTable[" + checks.keySet() + "]";
    }
}
