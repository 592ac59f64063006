package org.blobarena.spec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** What store-format.md says of encryption, by the JDK and by no class of the library. */
final class SpecCipher {

    static final int ADDED = 28;

    private final byte @Nullable [] key;

    /** @param key of the file, null if its header is damaged */
    SpecCipher(byte @Nullable [] key) {
        this.key = key;
    }

    /** Of a file by its header. */
    static SpecCipher ofFile(byte[] master, byte[] header) {
        byte[] info = join("blobarena file".getBytes(StandardCharsets.US_ASCII), Arrays.copyOf(header, 60));
        return new SpecCipher(hkdf(master, Arrays.copyOfRange(header, 48, 60), info, 32));
    }

    static byte[] hkdf(byte[] key, byte[] salt, byte[] info, int length) {
        byte[] extracted = hmac(salt.length == 0 ? new byte[32] : salt, key);
        byte[] first = hmac(extracted, join(info, new byte[] {1}));
        return Arrays.copyOf(first, length);
    }

    static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] join(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteBuffer joined = ByteBuffer.allocate(length);
        Arrays.stream(parts).forEach(joined::put);
        return joined.array();
    }

    /** Null if the tag is wrong. */
    byte @Nullable [] open(byte[] sealed, byte[] about) {
        if (key == null || sealed.length < ADDED) {
            return null;
        }
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, sealed, 0, 12));
            cipher.updateAAD(about);
            return cipher.doFinal(sealed, 12, sealed.length - 12);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    /** Offset and header of a record, without its payload's checksum, and the moment. */
    static byte[] about(int what, long offset, byte[] headerAndMoment) {
        ByteBuffer about =
                ByteBuffer.allocate(1 + 4 + headerAndMoment.length - 8).order(ByteOrder.LITTLE_ENDIAN);
        about.put((byte) what).putInt((int) offset).put(headerAndMoment, 8, headerAndMoment.length - 8);
        return about.array();
    }

    static byte[] aboutBlock(byte[] nonce, int block) {
        return ByteBuffer.allocate(17)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 3)
                .put(nonce)
                .putInt(block)
                .array();
    }
}
