package org.blobarena.store.api;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Holds the codecs of the factories of {@link KeyCodec} and {@link ValueCodec}, which give the same bytes.
 *
 * <p>Each is a class of its own, so that a program which opens a store loads the one it uses.
 */
final class Codecs {

    private Codecs() {}

    // ---- keys; each encoding is a new array

    enum BytesAsKeys implements KeyCodec<byte[]> {
        CODEC;

        @Override
        public byte[] encode(byte[] key) {
            return key.clone();
        }

        @Override
        public boolean returnsStableKeys() {
            return true;
        }

        @Override
        public boolean encodeInto(byte[] key, ByteBuffer target) {
            return putBytes(key, target);
        }

        @Override
        public byte[] decode(byte[] bytes) {
            return bytes;
        }
    }

    enum TextAsKeys implements KeyCodec<String> {
        CODEC;

        @Override
        public byte[] encode(String key) {
            return encodeUtf8(key);
        }

        @Override
        public boolean returnsStableKeys() {
            return true;
        }

        /** Most keys are of ASCII, and need no encoder. */
        @Override
        public boolean encodeInto(String key, ByteBuffer target) {
            int start = target.position();
            boolean fits = key.length() <= target.remaining();
            for (int i = 0; fits && i < key.length(); i++) {
                char next = key.charAt(i);
                if (next >= 0x80) {
                    return putBytes(encodeUtf8(key), target.position(start));
                }
                target.put((byte) next);
            }
            return fits;
        }

        @Override
        public String decode(byte[] bytes) {
            return decodeUtf8(bytes);
        }
    }

    enum LongsAsKeys implements KeyCodec<Long> {
        CODEC;

        @Override
        public byte[] encode(Long key) {
            return ByteBuffer.allocate(Long.BYTES).putLong(key).array();
        }

        @Override
        public boolean returnsStableKeys() {
            return true;
        }

        @Override
        public boolean encodeInto(Long key, ByteBuffer target) {
            boolean fits = target.remaining() >= Long.BYTES;
            if (fits) {
                target.order(ByteOrder.BIG_ENDIAN).putLong(key);
            }
            return fits;
        }

        @Override
        public Long decode(byte[] bytes) {
            return exactly(Long.BYTES, bytes).getLong();
        }
    }

    enum UuidsAsKeys implements KeyCodec<UUID> {
        CODEC;

        @Override
        public byte[] encode(UUID key) {
            ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES);
            encodeInto(key, bytes);
            return bytes.array();
        }

        @Override
        public boolean returnsStableKeys() {
            return true;
        }

        @Override
        public boolean encodeInto(UUID key, ByteBuffer target) {
            boolean fits = target.remaining() >= 2 * Long.BYTES;
            if (fits) {
                target.order(ByteOrder.BIG_ENDIAN)
                        .putLong(key.getMostSignificantBits())
                        .putLong(key.getLeastSignificantBits());
            }
            return fits;
        }

        @Override
        public UUID decode(byte[] bytes) {
            ByteBuffer buffer = exactly(2 * Long.BYTES, bytes);
            return new UUID(buffer.getLong(), buffer.getLong());
        }
    }

    // ---- values; each encoding is a new array, or the value itself, which does not change while a call runs

    enum BytesAsValues implements ValueCodec<byte[]> {
        CODEC;

        @Override
        public byte[] encode(byte[] value) {
            return value;
        }

        @Override
        public boolean returnsStableBlobs() {
            return true;
        }

        @Override
        public byte[] decode(byte[] blob) {
            return blob;
        }
    }

    enum TextAsValues implements ValueCodec<String> {
        CODEC;

        @Override
        public byte[] encode(String value) {
            return encodeUtf8(value);
        }

        @Override
        public boolean returnsStableBlobs() {
            return true;
        }

        @Override
        public String decode(byte[] blob) {
            return decodeUtf8(blob);
        }
    }

    /** {@code String.getBytes} would turn every unpaired surrogate into a question mark, and two keys into one. */
    private static byte[] encodeUtf8(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] exact = new byte[bytes.remaining()];
            bytes.get(exact);
            return exact;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a text has an unpaired surrogate: " + text, e);
        }
    }

    private static String decodeUtf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a text of " + bytes.length + " bytes is not UTF-8", e);
        }
    }

    private static boolean putBytes(byte[] key, ByteBuffer target) {
        boolean fits = key.length <= target.remaining();
        if (fits) {
            target.put(key);
        }
        return fits;
    }

    private static ByteBuffer exactly(int length, byte[] bytes) {
        if (bytes.length != length) {
            throw new IllegalArgumentException("a key of " + bytes.length + " bytes, expected " + length);
        }
        return ByteBuffer.wrap(bytes);
    }
}
