package org.blobarena.store.internal.core.crypt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.Key;
import javax.crypto.spec.SecretKeySpec;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FormatException;
import org.blobarena.format.Layout;
import org.blobarena.format.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts and decrypts the records of one arena file, with a key of its own.
 *
 * <p><b>What is bound to what.</b> The key of the file is derived from the user's key, a random salt and all of the file's
 * header: what stands in one file is nothing in another, nor under another header. The tag of a record's key covers where
 * the record stands and what its header says, the length of the payload with it; its nonce, drawn for this record alone, is
 * covered by the tag of each block, together with the number of the block. So blocks cannot be moved, left out, repeated or
 * mixed with those of a record that stood in the same place before. The table of a compressed blob, which says how long each
 * block is, has a tag with that nonce too. A record that has no key has the tag over header and payload.
 *
 * <p>Safe from any thread.
 */
public final class FileCipher {

    private static final byte OF_KEY = 1;
    private static final byte OF_PAYLOAD = 2;
    private static final byte OF_BLOCK = 3;
    private static final byte OF_TABLE = 4;

    private static final FileCipher UNKNOWN = new FileCipher(null, (Key) null);

    private final ArenaHeader.@Nullable FileKey fileKey;
    private final @Nullable Key key;

    private FileCipher(ArenaHeader.@Nullable FileKey fileKey, @Nullable Key key) {
        this.fileKey = fileKey;
        this.key = key;
    }

    /** @param key of the file, 32 bytes */
    FileCipher(ArenaHeader.FileKey fileKey, byte[] key) {
        this(fileKey, new SecretKeySpec(key, "AES"));
    }

    /** That of a file whose header is damaged: nothing in it can be read. */
    public static FileCipher unknown() {
        return UNKNOWN;
    }

    /** What the header of the file says of its key; null if it is damaged. */
    public ArenaHeader.@Nullable FileKey fileKey() {
        return fileKey;
    }

    /** Returns a nonce for a record: it binds the blocks to it, and its key is encrypted with it. */
    public static byte[] newRecordNonce() {
        try (CipherUnit unit = CipherUnit.take()) {
            return unit.newNonce();
        }
    }

    /**
     * Encrypts the key of a record.
     *
     * @param header of the record, as it will stand
     * @param target gets {@link Layout#SEAL_BYTES} more than the key has
     */
    public void sealKey(RecordHeader header, long offset, byte[] recordNonce, ByteBuffer plain, ByteBuffer target) {
        try (CipherUnit unit = CipherUnit.take()) {
            ByteBuffer about = about(unit, OF_KEY);
            header.putAuthenticated(about, offset, plain.remaining() + Layout.SEAL_BYTES);
            unit.seal(known(), recordNonce, about.flip(), plain.duplicate(), target);
        }
    }

    /**
     * Decrypts the key of a record.
     *
     * @param header of the record
     * @param sealed from position to limit
     * @throws FormatException if header and key are not those that were written there
     */
    public void openKey(RecordHeader header, long offset, ByteBuffer sealed, ByteBuffer target) throws FormatException {
        Key found = knownOrDamaged();
        try (CipherUnit unit = CipherUnit.take()) {
            ByteBuffer about = about(unit, OF_KEY);
            header.putAuthenticated(about, offset, sealed.remaining());
            unit.open(found, about.flip(), sealed, target, "key and header of the record");
        }
    }

    /** Encrypts the payload of a record without a key; a new buffer. */
    public ByteBuffer sealPayload(RecordHeader header, long offset, ByteBuffer plain) {
        ByteBuffer target = ByteBuffer.allocate(plain.remaining() + Layout.SEAL_BYTES);
        try (CipherUnit unit = CipherUnit.take()) {
            ByteBuffer about = about(unit, OF_PAYLOAD);
            header.putAuthenticated(about, offset, 0);
            unit.seal(known(), unit.newNonce(), about.flip(), plain.duplicate(), target);
        }
        return target.flip();
    }

    /**
     * Decrypts the payload of a record without a key.
     *
     * @throws FormatException if header and payload are not those that were written there
     */
    public void openPayload(RecordHeader header, long offset, ByteBuffer sealed, ByteBuffer target)
            throws FormatException {
        Key found = knownOrDamaged();
        if (sealed.remaining() < Layout.SEAL_BYTES) {
            throw FormatException.corrupt(
                    "length of an encrypted payload", "at least " + Layout.SEAL_BYTES, sealed.remaining());
        }
        try (CipherUnit unit = CipherUnit.take()) {
            ByteBuffer about = about(unit, OF_PAYLOAD);
            header.putAuthenticated(about, offset, 0);
            unit.open(found, about.flip(), sealed, target, "payload and header of the record");
        }
    }

    /**
     * Encrypts a block of a blob, as it is or compressed.
     *
     * @param plain from position to limit, which stay
     * @param target gets {@link Layout#SEAL_BYTES} more
     */
    public void sealBlock(byte[] recordNonce, int block, ByteBuffer plain, ByteBuffer target) {
        try (CipherUnit unit = CipherUnit.take()) {
            ByteBuffer about = aboutBlock(unit, recordNonce, block);
            unit.seal(known(), unit.newNonce(), about, plain.duplicate(), target);
        }
    }

    /** An encrypted block that is read, and where it is decrypted to. */
    public interface SealedBlock {

        /** Fills a buffer with the block. */
        void read(ByteBuffer sealed) throws IOException;

        /** Returns a buffer with room for the block from its position on, after it was read. */
        ByteBuffer target();
    }

    /**
     * Decrypts a block of a blob.
     *
     * @param plainBytes how long it is when it is decrypted
     * @return the target, with the block from position 0 to the limit
     * @throws FormatException if it is not that of the record
     */
    public ByteBuffer openBlock(byte[] recordNonce, int block, int plainBytes, SealedBlock source)
            throws IOException, FormatException {
        Key found = knownOrDamaged();
        try (CipherUnit unit = CipherUnit.take()) {
            ByteBuffer sealed = unit.sealedBuffer().limit(plainBytes + Layout.SEAL_BYTES);
            source.read(sealed);
            ByteBuffer target = source.target();
            unit.open(found, aboutBlock(unit, recordNonce, block), sealed.flip(), target, "block " + block);
            return target.flip();
        }
    }

    /** Makes the nonce and the tag of a table, which stays from position to limit; a new buffer. */
    public ByteBuffer sealOfTable(byte[] recordNonce, ByteBuffer table) {
        ByteBuffer target = ByteBuffer.allocate(Layout.SEAL_BYTES);
        try (CipherUnit unit = CipherUnit.take()) {
            unit.seal(known(), unit.newNonce(), aboutTable(recordNonce, table), ByteBuffer.allocate(0), target);
        }
        return target.flip();
    }

    /**
     * Verifies a table.
     *
     * @param seal its nonce and tag
     * @throws FormatException if it is not that of the record
     */
    public void verifyTable(byte[] recordNonce, ByteBuffer table, ByteBuffer seal) throws FormatException {
        Key found = knownOrDamaged();
        try (CipherUnit unit = CipherUnit.take()) {
            unit.open(found, aboutTable(recordNonce, table), seal, ByteBuffer.allocate(0), "table of the blocks");
        }
    }

    private static ByteBuffer about(CipherUnit unit, byte what) {
        return unit.authenticated().put(what);
    }

    private static ByteBuffer aboutBlock(CipherUnit unit, byte[] recordNonce, int block) {
        return about(unit, OF_BLOCK).put(recordNonce).putInt(block).flip();
    }

    private static ByteBuffer aboutTable(byte[] recordNonce, ByteBuffer table) {
        return ByteBuffer.allocate(1 + recordNonce.length + table.remaining())
                .put(OF_TABLE)
                .put(recordNonce)
                .put(table.duplicate())
                .flip();
    }

    private Key known() {
        if (key == null) {
            throw new IllegalStateException("nothing is written to a file whose header is damaged");
        }
        return key;
    }

    private Key knownOrDamaged() throws FormatException {
        if (key == null) {
            throw FormatException.corrupt(
                    "header of the file, without which nothing can be decrypted", "a right one", "none");
        }
        return key;
    }
}
