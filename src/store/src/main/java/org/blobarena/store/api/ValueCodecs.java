package org.blobarena.store.api;

import java.util.function.Function;

/** The codecs of {@link ValueCodec}'s factories: the same bytes as those of keys. */
final class ValueCodecs {

    static final ValueCodec<byte[]> BYTES = new Codec<>(Function.identity(), Function.identity());
    static final ValueCodec<String> UTF_8 = new Codec<>(KeyCodecs.UTF_8::encode, KeyCodecs.UTF_8::decode);

    private ValueCodecs() {}

    /** Each encoding is a new array, or the value itself, which does not change while a call runs. */
    private record Codec<V>(Function<V, byte[]> encoder, Function<byte[], V> decoder) implements ValueCodec<V> {

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
