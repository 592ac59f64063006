package org.blobarena.store;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.Function;

/** The codecs of {@link KeyCodec}'s factories. */
final class KeyCodecs {

    static final KeyCodec<byte[]> BYTES = new Codec<>(Function.identity(), Function.identity());
    static final KeyCodec<String> UTF_8 = new Codec<>(KeyCodecs::encodeUtf8, KeyCodecs::decodeUtf8);
    static final KeyCodec<Long> LONGS = new Codec<>(
            key -> ByteBuffer.allocate(Long.BYTES).putLong(key).array(),
            bytes -> exactly(Long.BYTES, bytes).getLong());
    static final KeyCodec<UUID> UUIDS = new Codec<>(
            key -> ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(key.getMostSignificantBits())
                    .putLong(key.getLeastSignificantBits())
                    .array(),
            bytes -> {
                ByteBuffer buffer = exactly(2 * Long.BYTES, bytes);
                return new UUID(buffer.getLong(), buffer.getLong());
            });

    private KeyCodecs() {}

    /** {@code String.getBytes} would turn every unpaired surrogate into a question mark, and two keys into one. */
    private static byte[] encodeUtf8(String key) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(key));
            byte[] exact = new byte[bytes.remaining()];
            bytes.get(exact);
            return exact;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a key has an unpaired surrogate: " + key, e);
        }
    }

    private static String decodeUtf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a key of " + bytes.length + " bytes is not UTF-8", e);
        }
    }

    private static ByteBuffer exactly(int length, byte[] bytes) {
        if (bytes.length != length) {
            throw new IllegalArgumentException("a key of " + bytes.length + " bytes, expected " + length);
        }
        return ByteBuffer.wrap(bytes);
    }

    private record Codec<K>(Function<K, byte[]> encoder, Function<byte[], K> decoder) implements KeyCodec<K> {

        @Override
        public byte[] encode(K key) {
            return encoder.apply(key);
        }

        @Override
        public K decode(byte[] bytes) {
            return decoder.apply(bytes);
        }
    }
}
