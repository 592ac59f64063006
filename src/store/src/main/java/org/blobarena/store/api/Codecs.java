package org.blobarena.store.api;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Function;

/** Holds the codecs of the factories of {@link KeyCodec} and {@link ValueCodec}, which give the same bytes. */
final class Codecs {

    static final KeyCodec<byte[]> BYTES = new KeyBytes<>(byte[]::clone, Function.identity(), Codecs::putBytes);
    static final KeyCodec<String> UTF_8 = new KeyBytes<>(Codecs::encodeUtf8, Codecs::decodeUtf8, Codecs::putUtf8);
    static final KeyCodec<Long> LONGS = new KeyBytes<>(
            key -> ByteBuffer.allocate(Long.BYTES).putLong(key).array(),
            bytes -> exactly(Long.BYTES, bytes).getLong(),
            Codecs::putLong);
    static final KeyCodec<UUID> UUIDS = new KeyBytes<>(
            key -> ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(key.getMostSignificantBits())
                    .putLong(key.getLeastSignificantBits())
                    .array(),
            bytes -> {
                ByteBuffer buffer = exactly(2 * Long.BYTES, bytes);
                return new UUID(buffer.getLong(), buffer.getLong());
            },
            Codecs::putUuid);

    static final ValueCodec<byte[]> BYTES_OF_VALUES = new ValueBytes<>(Function.identity(), Function.identity());
    static final ValueCodec<String> UTF_8_OF_VALUES = new ValueBytes<>(UTF_8::encode, UTF_8::decode);

    private Codecs() {}

    /** {@code String.getBytes} would turn every unpaired surrogate into a question mark, and two keys into one. */
    private static byte[] encodeUtf8(String key) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(key));
            byte[] exact = new byte[bytes.remaining()];
            bytes.get(exact);
            return exact;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a text has an unpaired surrogate: " + key, e);
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

    /** Most keys are of ASCII, and need no encoder. */
    private static boolean putUtf8(String key, ByteBuffer target) {
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

    private static boolean putLong(Long key, ByteBuffer target) {
        boolean fits = target.remaining() >= Long.BYTES;
        if (fits) {
            target.order(ByteOrder.BIG_ENDIAN).putLong(key);
        }
        return fits;
    }

    private static boolean putUuid(UUID key, ByteBuffer target) {
        boolean fits = target.remaining() >= 2 * Long.BYTES;
        if (fits) {
            target.order(ByteOrder.BIG_ENDIAN)
                    .putLong(key.getMostSignificantBits())
                    .putLong(key.getLeastSignificantBits());
        }
        return fits;
    }

    private static ByteBuffer exactly(int length, byte[] bytes) {
        if (bytes.length != length) {
            throw new IllegalArgumentException("a key of " + bytes.length + " bytes, expected " + length);
        }
        return ByteBuffer.wrap(bytes);
    }

    /** Each encoding is a new array. */
    private record KeyBytes<K>(
            Function<K, byte[]> encoder, Function<byte[], K> decoder, BiPredicate<K, ByteBuffer> putter)
            implements KeyCodec<K> {

        @Override
        public byte[] encode(K key) {
            return encoder.apply(key);
        }

        @Override
        public boolean returnsStableKeys() {
            return true;
        }

        @Override
        public boolean encodeInto(K key, ByteBuffer target) {
            return putter.test(key, target);
        }

        @Override
        public K decode(byte[] bytes) {
            return decoder.apply(bytes);
        }
    }

    /** Each encoding is a new array, or the value itself, which does not change while a call runs. */
    private record ValueBytes<V>(Function<V, byte[]> encoder, Function<byte[], V> decoder) implements ValueCodec<V> {

        @Override
        public byte[] encode(V value) {
            return encoder.apply(value);
        }

        @Override
        public boolean returnsStableBlobs() {
            return true;
        }

        @Override
        public V decode(byte[] blob) {
            return decoder.apply(blob);
        }
    }
}
