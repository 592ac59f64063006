package org.blobarena.store.internal.core;

import net.openhft.hashing.LongHashFunction;
import net.openhft.hashing.LongTupleHashFunction;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.KeyHash;

/**
 * Everything that is derived from the secret of a store: the index key of a user's key (XXH3, 128 bits), and the
 * salt that marks the records of a file.
 */
public final class KeyHasher {

    /** Keeps salts and hashes of keys apart although one secret seeds both. */
    private static final long SALT_DOMAIN = 0x53414c54_53414c54L;

    private final LongTupleHashFunction keys;
    private final LongHashFunction salts;

    public KeyHasher(StoreIdentity identity) {
        keys = LongTupleHashFunction.xx128(identity.hashSeed());
        salts = LongHashFunction.xx3(identity.hashSeed() ^ SALT_DOMAIN);
    }

    public KeyHash hash(byte[] key) {
        long[] hash = new long[2];
        keys.hashBytes(key, hash);
        return new KeyHash(hash[0], hash[1]);
    }

    /** Puts the two halves of the hash of the first bytes of an array into another. */
    public void hash(byte[] key, int length, long[] hash) {
        keys.hashBytes(key, 0, length, hash);
    }

    public EncodedKey encoded(byte[] key) {
        return new EncodedKey(key, hash(key));
    }

    /** Never zero, which is what a hole in a file would match. */
    public int salt(long fileId) {
        int salt = (int) salts.hashLong(fileId);
        return salt == 0 ? 1 : salt;
    }
}
