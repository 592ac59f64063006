package org.blobarena.store.internal.core;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import org.blobarena.format.ShortKeyHash;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.KeyHash;
import org.blobarena.store.internal.core.crypt.SecretHash;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is derived from the secret of a store: the index key of a user's key (XXH3, 128 bits), and the
 * salt that marks the records of a file.
 *
 * <p>In an encrypted store the hash of a key is the beginning of its HMAC-SHA256 with a secret that stands nowhere in clear:
 * the index shows hashes, and those of XXH3 tell who knows a key of the store about others. The salt is no secret there.
 */
public final class KeyHasher {

    /** Keeps salts and hashes of keys apart although one secret seeds both. */
    private static final long SALT_DOMAIN = 0x53414c54_53414c54L;

    private final ShortKeyHash shortKeys;
    private final Hasher128 longKeys;
    private final Hasher64 salts;
    private final @Nullable SecretHash secretHash;

    public KeyHasher(StoreIdentity identity) {
        this(identity, null);
    }

    /** @param secretHash of an encrypted store, else null */
    public KeyHasher(StoreIdentity identity, @Nullable SecretHash secretHash) {
        this.secretHash = secretHash;
        shortKeys = new ShortKeyHash(identity.hashSeed());
        longKeys = Hashing.xxh3_128(identity.hashSeed());
        salts = Hashing.xxh3_64(identity.hashSeed() ^ SALT_DOMAIN);
    }

    public KeyHash hash(byte[] key) {
        long[] hash = new long[2];
        hash(key, key.length, hash);
        return new KeyHash(hash[0], hash[1]);
    }

    /** Puts the two halves of the hash of the first bytes of an array into another. */
    public void hash(byte[] key, int length, long[] hash) {
        if (secretHash != null) {
            secretHash.hash(key, length, hash);
        } else if (length <= ShortKeyHash.BYTES_MAX) {
            shortKeys.hash(key, length, hash);
        } else {
            HashValue128 value = longKeys.hashBytesTo128Bits(key, 0, length);
            hash[0] = value.getLeastSignificantBits();
            hash[1] = value.getMostSignificantBits();
        }
    }

    public EncodedKey encoded(byte[] key) {
        return new EncodedKey(key, hash(key));
    }

    /** Never zero, which is what a hole in a file would match. */
    public int salt(long fileId) {
        int salt = (int) salts.hashLongToLong(fileId);
        return salt == 0 ? 1 : salt;
    }
}
