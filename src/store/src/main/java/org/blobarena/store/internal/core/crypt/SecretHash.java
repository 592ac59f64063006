package org.blobarena.store.internal.core.crypt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.Key;

/** Hashes keys so that nobody without the secret can tell which key a hash is of. Safe from any thread. */
public final class SecretHash {

    private final Key key;

    /** @param key see {@link StoreKeys#hashKey} */
    public SecretHash(Key key) {
        this.key = key;
    }

    /** Puts the two halves of the hash of the first bytes of an array into another. */
    public void hash(byte[] bytes, int length, long[] halves) {
        try (CipherUnit unit = CipherUnit.take()) {
            ByteBuffer hash = ByteBuffer.wrap(unit.hash(key, bytes, length)).order(ByteOrder.LITTLE_ENDIAN);
            halves[0] = hash.getLong(0);
            halves[1] = hash.getLong(Long.BYTES);
        }
    }
}
