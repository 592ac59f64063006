package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.UUID;

/**
 * The content of the file {@code STORE}: who this store is, and its secret.
 *
 * @param storeId stands in the header of every arena file
 * @param hashSeed seeds the hash of keys; never leaves the store, or crafted keys could collide
 * @param kind what the files are kept for
 * @param layout whether keys and payloads are encrypted; then the hash seed is no secret, and seeds salts alone
 */
public record StoreIdentity(UUID storeId, long hashSeed, Kind kind, Layout layout) {

    /** What becomes of blobs that nobody removes. */
    public enum Kind {
        /** They stay. */
        STORE(0),
        /** The oldest go when there is no more room. */
        CACHE(1);

        private final int number;

        Kind(int number) {
            this.number = number;
        }
    }

    /** Bytes of the structure, of which the file holds two copies. */
    public static final int BYTES = 64;

    /** Where the copies begin: far enough apart that one lost sector does not cost both. */
    public static final List<Integer> COPY_OFFSETS = List.of(0, 512);

    /** Bytes of the file. */
    public static final int FILE_BYTES = 512 + BYTES;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int KIND_OFFSET = 12;
    static final int STORE_ID_OFFSET = 16;
    static final int HASH_SEED_OFFSET = 32;
    static final int RESERVED_OFFSET = 40;
    static final int CHECKSUM_OFFSET = 60;

    /** "BLOBSTOR" in ASCII. */
    static final long MAGIC = 0x524f5453_424f4c42L;

    /**
     * The identity of a store that keeps its blobs.
     *
     * @param storeId see above
     * @param hashSeed see above
     */
    public StoreIdentity(UUID storeId, long hashSeed) {
        this(storeId, hashSeed, Kind.STORE);
    }

    /**
     * The identity of a store that is not encrypted.
     *
     * @param storeId see above
     * @param hashSeed see above
     * @param kind see above
     */
    public StoreIdentity(UUID storeId, long hashSeed, Kind kind) {
        this(storeId, hashSeed, kind, Layout.PLAIN);
    }

    /**
     * The bytes.
     *
     * @return a new buffer of {@value #BYTES} bytes, ready to be read
     */
    public ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC_OFFSET, MAGIC);
        bytes.putInt(VERSION_OFFSET, layout == Layout.PLAIN ? Limits.FORMAT_VERSION : Limits.ENCRYPTED_VERSION);
        bytes.putInt(KIND_OFFSET, kind.number);
        Uuids.put(bytes, STORE_ID_OFFSET, storeId);
        bytes.putLong(HASH_SEED_OFFSET, hashSeed);
        bytes.putInt(CHECKSUM_OFFSET, Checksums.of(bytes, 0, CHECKSUM_OFFSET));
        return bytes;
    }

    /**
     * The bytes of the file.
     *
     * @return a new buffer of {@value #FILE_BYTES} bytes, ready to be read
     */
    public ByteBuffer encodeFile() {
        ByteBuffer file = ByteBuffer.allocate(FILE_BYTES);
        COPY_OFFSETS.forEach(at -> file.put(at, encode(), 0, BYTES));
        return file;
    }

    /**
     * Reads the bytes of one copy.
     *
     * @param source one copy, from position 0 to its limit
     * @return the identity
     * @throws FormatException if it is damaged or of a newer version
     */
    public static StoreIdentity decode(ByteBuffer source) throws FormatException {
        ByteBuffer bytes = source.slice().order(ByteOrder.LITTLE_ENDIAN);
        Fixed.requireFrame(bytes, new Fixed.Frame("store identity", BYTES, MAGIC, CHECKSUM_OFFSET));
        Fixed.requireZero(bytes, RESERVED_OFFSET, CHECKSUM_OFFSET);
        return new StoreIdentity(
                Uuids.get(bytes, STORE_ID_OFFSET),
                bytes.getLong(HASH_SEED_OFFSET),
                kind(Integer.toUnsignedLong(bytes.getInt(KIND_OFFSET))),
                bytes.getInt(VERSION_OFFSET) == Limits.FORMAT_VERSION ? Layout.PLAIN : Layout.ENCRYPTED);
    }

    private static Kind kind(long number) throws FormatException {
        for (Kind each : Kind.values()) {
            if (each.number == number) {
                return each;
            }
        }
        throw FormatException.corrupt("kind of store", "0 or 1", number);
    }

    /** Keeps the secret out of logs. */
    @Override
    public String toString() {
        return "StoreIdentity[" + storeId + "]";
    }
}
