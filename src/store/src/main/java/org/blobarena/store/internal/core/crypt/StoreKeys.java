package org.blobarena.store.internal.core.crypt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.spec.SecretKeySpec;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.SmallFiles;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FileNames;
import org.blobarena.format.FormatException;
import org.blobarena.format.KeyTable;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.crypt.KeySource;
import org.blobarena.store.crypt.StoreKeyException;

/**
 * The keys of one encrypted store that is open: those that its user supplies, and its own secret, with which keys of blobs
 * are hashed.
 *
 * <p>The secret stands in the file {@code KEYS}, encrypted with the key that is used now; beside it a check of every key that
 * a file may need, so that a wrong one is told from damage, and before anything is read with it. When another key is the
 * current one, the file is replaced, before the first file is encrypted with that key. Safe from any thread.
 */
public final class StoreKeys {

    private static final byte[] NO_SALT = {};

    private final Directory directory;
    private final UUID storeId;
    private final KeySource source;
    private final Map<Integer, byte[]> keys = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private volatile KeyTable table;
    private final Key hashKey;

    private StoreKeys(Directory directory, KeySource source, Found found, byte[] secret) {
        this.directory = directory;
        this.storeId = found.table.storeId();
        this.source = source;
        this.table = found.table;
        this.damage = found.damage;
        this.hashKey = new SecretKeySpec(secret, "HmacSHA256");
    }

    /** What was damaged of the file, whose other half was right. */
    private final List<Damage> damage;

    /** Makes the file of a new store, before its identity is written. */
    public static void create(Directory directory, UUID storeId, KeySource source) throws IOException {
        int current = requireId(directory, source.currentKeyId());
        byte[] key = keyOf(directory, source, current);
        byte[] secret = new byte[KeyTable.SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        SortedMap<Integer, byte[]> checks = new TreeMap<>();
        checks.put(current, check(storeId, key));
        write(directory, new KeyTable(storeId, current, wrap(storeId, key, secret), checks));
    }

    /**
     * Opens the keys of a store.
     *
     * @param mayWrite whether the file is replaced if another key is the current one by now
     * @throws StoreKeyException if a key is missing or wrong
     */
    public static StoreKeys open(Directory directory, UUID storeId, KeySource source, boolean mayWrite)
            throws IOException {
        Found found = read(directory, storeId);
        KeyTable table = found.table;
        byte[] key = keyOf(directory, source, table.currentKeyId());
        requireRight(directory, table, table.currentKeyId(), key);
        byte[] secret = unwrap(directory, table, key);
        StoreKeys opened = new StoreKeys(directory, source, found, secret);
        opened.keys.put(table.currentKeyId(), key);
        if (mayWrite) {
            opened.use(requireId(directory, source.currentKeyId()), secret);
        }
        return opened;
    }

    /** Sees to it that a key is the one that is used. */
    private void use(int current, byte[] secret) throws IOException {
        if (current == table.currentKeyId()) {
            return;
        }
        byte[] key = keyOf(directory, source, current);
        SortedMap<Integer, byte[]> checks = new TreeMap<>(table.checks());
        if (checks.containsKey(current)) {
            requireRight(directory, table, current, key);
        }
        checks.put(current, check(storeId, key));
        if (checks.size() > KeyTable.KEYS_MAX) {
            throw new StoreKeyException(
                    directory.path() + " has had " + KeyTable.KEYS_MAX + " keys, and no more can be added");
        }
        KeyTable next = new KeyTable(storeId, current, wrap(storeId, key, secret), checks);
        write(directory, next);
        keys.put(current, key);
        table = next;
    }

    private static void write(Directory directory, KeyTable table) throws IOException {
        SmallFiles.replace(directory, FileNames.KEYS, FileNames.KEYS_UNFINISHED, table.encodeFile());
    }

    /** What was damaged of the file when it was opened. */
    public List<Damage> damage() {
        return damage;
    }

    /** Writes the file anew, both halves. */
    public void rewrite() throws IOException {
        write(directory, table);
    }

    /** The bytes of the file, for a snapshot. */
    public ByteBuffer encodeFile() {
        return table.encodeFile();
    }

    /** With what keys of blobs are hashed. */
    public Key hashKey() {
        return hashKey;
    }

    /** The id of the key with which files are encrypted that are begun now. */
    public int currentKeyId() {
        return table.currentKeyId();
    }

    /** Makes what the header of a new file says of its key. */
    public ArenaHeader.FileKey newFileKey() {
        return new ArenaHeader.FileKey(table.currentKeyId(), random.nextLong(), random.nextInt());
    }

    /**
     * Returns what encrypts and decrypts the records of a file.
     *
     * @param header of the file, whose checksum is right
     * @throws StoreKeyException if its key is missing or wrong
     */
    public FileCipher cipher(ArenaHeader header) throws IOException {
        ArenaHeader.FileKey fileKey = header.fileKey();
        if (fileKey == null) {
            throw new IllegalArgumentException("a file that is not encrypted");
        }
        byte[] encoded = header.encode().array();
        ByteBuffer salt = ByteBuffer.allocate(Long.BYTES + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        salt.putLong(fileKey.saltHigh()).putInt(fileKey.saltLow());
        byte[] authenticated = Arrays.copyOf(encoded, ArenaHeader.BYTES - Integer.BYTES);
        return new FileCipher(
                fileKey,
                Hkdf.derive(key(fileKey.keyId()), salt.array(), info("file", authenticated), KeySource.KEY_BYTES));
    }

    private byte[] key(int keyId) throws IOException {
        byte[] known = keys.get(keyId);
        if (known != null) {
            return known;
        }
        if (!table.checks().containsKey(keyId)) {
            table = read(directory, storeId).table; // The writer may use another key by now.
        }
        if (!table.checks().containsKey(keyId)) {
            throw new StoreKeyException(directory.path() + ": a file needs the key " + keyId + ", of which "
                    + FileNames.KEYS + " knows nothing");
        }
        byte[] key = keyOf(directory, source, keyId);
        requireRight(directory, table, keyId, key);
        keys.put(keyId, key);
        return key;
    }

    // ---- the file

    private record Found(KeyTable table, List<Damage> damage) {}

    private static Found read(Directory directory, UUID storeId) throws IOException {
        String path = directory.path().resolve(FileNames.KEYS).toString();
        ByteBuffer bytes;
        try {
            bytes = SmallFiles.read(directory, FileNames.KEYS, KeyTable.FILE_BYTES_MAX);
        } catch (NoSuchFileException e) {
            throw new CorruptBlobException(path, 0, "the file with the keys of the encrypted store is missing");
        }
        int half = bytes.limit() / 2;
        FormatException problem = null;
        KeyTable right = null;
        List<Damage> damage = new ArrayList<>();
        for (int at : new int[] {0, half}) {
            try {
                KeyTable table = KeyTable.decode(bytes.slice(at, half));
                if (!table.storeId().equals(storeId)) {
                    throw new CorruptBlobException(
                            path, at, "store of the keys: expected " + storeId + ", found " + table.storeId());
                }
                right = right == null ? table : right;
            } catch (FormatException e) {
                problem = problem == null ? e : problem;
                damage.add(new Damage(path, at, e.getMessage()));
            }
        }
        if (right != null) {
            return new Found(right, damage);
        }
        String message = problem == null ? "" : problem.getMessage();
        throw problem != null && problem.isUnsupported()
                ? new UnsupportedFormatException(path + ": " + message)
                : new CorruptBlobException(path, 0, message);
    }

    // ---- what is derived

    private static int requireId(Directory directory, int keyId) throws StoreKeyException {
        if (keyId < 1) {
            throw new StoreKeyException(directory.path() + ": the id of the current key is " + keyId
                    + ", expected 1 to " + Integer.MAX_VALUE);
        }
        return keyId;
    }

    private static byte[] keyOf(Directory directory, KeySource source, int keyId) throws StoreKeyException {
        byte[] key = source.key(keyId);
        if (key == null) {
            throw new StoreKeyException(directory.path() + " needs the key " + keyId + ", which is missing");
        }
        if (key.length != KeySource.KEY_BYTES) {
            throw new StoreKeyException(directory.path() + ": the key " + keyId + " has " + key.length
                    + " bytes, expected " + KeySource.KEY_BYTES);
        }
        return key.clone();
    }

    private static void requireRight(Directory directory, KeyTable table, int keyId, byte[] key)
            throws StoreKeyException {
        if (!MessageDigest.isEqual(table.checks().get(keyId), check(table.storeId(), key))) {
            throw new StoreKeyException(directory.path() + ": the key " + keyId
                    + " is wrong: it is not the one that the store was encrypted with under this id");
        }
    }

    private static byte[] check(UUID storeId, byte[] key) {
        return Hkdf.derive(key, NO_SALT, info("check", bytes(storeId)), KeyTable.CHECK_BYTES);
    }

    private static Key wrapping(UUID storeId, byte[] key) {
        return new SecretKeySpec(Hkdf.derive(key, NO_SALT, info("wrap", bytes(storeId)), KeySource.KEY_BYTES), "AES");
    }

    private static byte[] wrap(UUID storeId, byte[] key, byte[] secret) {
        ByteBuffer wrapped = ByteBuffer.allocate(KeyTable.WRAPPED_BYTES);
        try (CipherUnit unit = CipherUnit.take()) {
            unit.seal(
                    wrapping(storeId, key),
                    unit.newNonce(),
                    ByteBuffer.wrap(bytes(storeId)),
                    ByteBuffer.wrap(secret),
                    wrapped);
        }
        return wrapped.array();
    }

    private static byte[] unwrap(Directory directory, KeyTable table, byte[] key) throws IOException {
        ByteBuffer secret = ByteBuffer.allocate(KeyTable.SECRET_BYTES);
        try (CipherUnit unit = CipherUnit.take()) {
            unit.open(
                    wrapping(table.storeId(), key),
                    ByteBuffer.wrap(bytes(table.storeId())),
                    ByteBuffer.wrap(table.wrappedSecret()),
                    secret,
                    "secret of the store");
        } catch (FormatException e) {
            String path = directory.path().resolve(FileNames.KEYS).toString();
            throw new CorruptBlobException(path, 0, e.getMessage());
        }
        return secret.array();
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    private static byte[] info(String what, byte[] about) {
        byte[] name = ("blobarena " + what).getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(name.length + about.length)
                .put(name)
                .put(about)
                .array();
    }
}
