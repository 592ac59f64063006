package org.blobarena.store.internal.core.crypt;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Derives keys from a key: HKDF of RFC 5869 with HMAC-SHA256. */
final class Hkdf {

    private static final String HMAC = "HmacSHA256";
    private static final int HASH_BYTES = 32;
    private static final int BLOCKS_MAX = 255;

    private Hkdf() {}

    /**
     * Derives bytes.
     *
     * @param key what they are derived from
     * @param salt no secret; of no bytes, if there is none
     * @param info what they are for
     * @param bytes how many, at most 255 times 32
     */
    static byte[] derive(byte[] key, byte[] salt, byte[] info, int bytes) {
        if (bytes < 0 || bytes > BLOCKS_MAX * HASH_BYTES) {
            throw new IllegalArgumentException("cannot derive " + bytes + " bytes");
        }
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(salt.length == 0 ? new byte[HASH_BYTES] : salt, HMAC));
            byte[] extracted = mac.doFinal(key);
            mac.init(new SecretKeySpec(extracted, HMAC));
            Arrays.fill(extracted, (byte) 0);
            byte[] derived = new byte[bytes];
            byte[] block = new byte[0];
            int done = 0;
            for (int i = 1; done < bytes; i++) {
                mac.update(block);
                mac.update(info);
                mac.update((byte) i);
                block = mac.doFinal();
                int count = Math.min(HASH_BYTES, bytes - done);
                System.arraycopy(block, 0, derived, done, count);
                done += count;
            }
            return derived;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no " + HMAC, e);
        }
    }
}
