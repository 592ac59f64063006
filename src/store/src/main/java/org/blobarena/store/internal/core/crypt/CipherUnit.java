package org.blobarena.store.internal.core.crypt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import org.blobarena.arena.internal.io.Pool;
import org.blobarena.format.FormatException;
import org.blobarena.format.Layout;

/**
 * What encrypts, decrypts and hashes, of the JDK's own providers, with buffers: costly to make, so that there is a pool of
 * them for all stores. For one thread, from {@link #take} to {@link #close}.
 *
 * <p><b>Nonces.</b> Every encryption has a nonce of 96 random bits of its own, drawn here. Nothing is derived from a place in
 * a file: places are written again after a crash, and by copies of a store. One file has a key of its own and less than 2^27
 * nonces, so that two of them are equal with a probability of less than 2^-43.
 */
final class CipherUnit implements AutoCloseable {

    /** As many as there are buffers for reads. */
    private static final int COUNT = 64;

    private static final int TAG_BITS = 8 * Layout.TAG_BYTES;
    private static final int NONCES_DRAWN = 64;
    private static final int AUTHENTICATED_BYTES = 128;
    private static final int HASH_BYTES = 32;

    private static final Pool<CipherUnit> POOL = Pool.bounded(COUNT, CipherUnit::new);

    private final Cipher cipher;
    private final Mac mac;
    private final SecureRandom random = new SecureRandom();
    private final byte[] drawn = new byte[NONCES_DRAWN * Layout.NONCE_BYTES];
    private final byte[] hash = new byte[HASH_BYTES];
    private final ByteBuffer sealed =
            ByteBuffer.allocateDirect(Layout.SEALED_BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer authenticated =
            ByteBuffer.allocate(AUTHENTICATED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private int nextNonce = NONCES_DRAWN;

    private CipherUnit() {
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
            mac = Mac.getInstance("HmacSHA256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no AES/GCM/NoPadding or no HmacSHA256", e);
        }
    }

    /** Takes one, for work that ends by itself. */
    static CipherUnit take() {
        return POOL.take();
    }

    @Override
    public void close() {
        POOL.give(this);
    }

    /** Returns a buffer for an encrypted block, emptied. */
    ByteBuffer sealedBuffer() {
        return sealed.clear();
    }

    /** Returns a buffer for what is authenticated, emptied; it is flipped by whoever has filled it. */
    ByteBuffer authenticated() {
        return authenticated.clear();
    }

    /** Returns a nonce that was never returned before. */
    byte[] newNonce() {
        if (nextNonce == NONCES_DRAWN) {
            random.nextBytes(drawn);
            nextNonce = 0;
        }
        byte[] nonce = new byte[Layout.NONCE_BYTES];
        System.arraycopy(drawn, nextNonce * Layout.NONCE_BYTES, nonce, 0, Layout.NONCE_BYTES);
        nextNonce++;
        return nonce;
    }

    /**
     * Encrypts.
     *
     * @param nonce never used before with the key
     * @param about authenticated besides, from position to limit
     * @param plain from position to limit, where the position is then
     * @param target gets the nonce, what is encrypted, and the tag
     */
    void seal(Key key, byte[] nonce, ByteBuffer about, ByteBuffer plain, ByteBuffer target) {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(about);
            target.put(nonce);
            int unused = cipher.doFinal(plain, target);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("encryption failed", e);
        }
    }

    /**
     * Decrypts.
     *
     * @param about authenticated besides, from position to limit
     * @param from nonce, what is encrypted, and tag, from position to limit, where the position is then
     * @param target gets what was encrypted, once it is known to be right
     * @param what is encrypted, for the message
     * @throws FormatException if it was not encrypted like this, with the key, and about the same
     */
    void open(Key key, ByteBuffer about, ByteBuffer from, ByteBuffer target, String what) throws FormatException {
        byte[] nonce = new byte[Layout.NONCE_BYTES];
        from.get(nonce);
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(about);
            int unused = cipher.doFinal(from, target);
        } catch (AEADBadTagException e) {
            throw FormatException.corrupt("tag of the " + what, "that of what was written there", "another");
        } catch (ShortBufferException e) {
            throw FormatException.corrupt("length of the " + what, "at most " + target.remaining(), from.remaining());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("decryption failed", e);
        }
    }

    /** Returns HMAC-SHA256 of some bytes, which is overwritten by the next. */
    byte[] hash(Key key, byte[] bytes, int length) {
        try {
            mac.init(key);
            mac.update(bytes, 0, length);
            mac.doFinal(hash, 0);
            return hash;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("hashing failed", e);
        }
    }
}
