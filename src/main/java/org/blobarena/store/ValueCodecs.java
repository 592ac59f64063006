package org.blobarena.store;

/** The codecs of {@link ValueCodec}'s factories: the same bytes as those of keys. */
final class ValueCodecs {

    static final ValueCodec<byte[]> BYTES = of(KeyCodecs.BYTES);
    static final ValueCodec<String> UTF_8 = of(KeyCodecs.UTF_8);

    private ValueCodecs() {}

    private static <V> ValueCodec<V> of(KeyCodec<V> codec) {
        return new ValueCodec<>() {
            @Override
            public byte[] encode(V value) {
                return codec.encode(value);
            }

            @Override
            public V decode(byte[] blob) {
                return codec.decode(blob);
            }
        };
    }
}
