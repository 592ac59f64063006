package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An array is copied unless its codec says that nobody changes it; the codecs of the library say so, and keep to it. */
class OwnedBytesTest {

    private final byte[] array = {1, 2, 3};

    @Test
    void arrayOfAKeyCodecThatSaysNothingIsCopied() {
        byte[] owned = EncodedKey.bytesOf(new Keys(), "key");

        assertThat(owned).isNotSameAs(array).isEqualTo(array);
    }

    @Test
    void stableArrayOfAKeyCodecIsUsedAsItIs() {
        KeyCodec<String> stable = new Keys() {
            @Override
            public boolean returnsStableKeys() {
                return true;
            }
        };

        assertThat(EncodedKey.bytesOf(stable, "key")).isSameAs(array);
    }

    @Test
    void arrayOfAValueCodecThatSaysNothingIsCopied() {
        byte[] owned = OwnedBytes.of(new Values(), "value");

        assertThat(owned).isNotSameAs(array).isEqualTo(array);
    }

    @Test
    void stableArrayOfAValueCodecIsUsedAsItIs() {
        ValueCodec<String> stable = new Values() {
            @Override
            public boolean returnsStableBlobs() {
                return true;
            }
        };

        assertThat(OwnedBytes.of(stable, "value")).isSameAs(array);
    }

    @Test
    void blobOfBytesIsTheValueItself() {
        assertThat(OwnedBytes.of(ValueCodec.bytes(), array)).isSameAs(array);
    }

    /** Found by reflection, so that a new one cannot be forgotten. */
    @ParameterizedTest
    @MethodSource("keyCodecsOfTheLibrary")
    <K> void keyCodecOfTheLibraryReturnsAnArrayThatIsNewEachTime(KeyCodec<K> codec) {
        assertThat(codec.returnsStableKeys()).isTrue();

        K key = keyOf(codec);
        byte[] first = codec.encode(key);
        byte[] expected = first.clone();
        byte[] second = codec.encode(key);
        Arrays.fill(second, (byte) '#');
        assertThat(first).isNotSameAs(second).isNotSameAs(key).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("valueCodecsOfTheLibrary")
    void valueCodecOfTheLibraryReturnsStableArrays(ValueCodec<?> codec) {
        assertThat(codec.returnsStableBlobs()).isTrue();
    }

    static Stream<KeyCodec<?>> keyCodecsOfTheLibrary() {
        return factories(KeyCodec.class).<KeyCodec<?>>map(factory -> (KeyCodec<?>) called(factory));
    }

    static Stream<ValueCodec<?>> valueCodecsOfTheLibrary() {
        return factories(ValueCodec.class).<ValueCodec<?>>map(factory -> (ValueCodec<?>) called(factory));
    }

    private static Stream<Method> factories(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers()) && method.getReturnType() == type);
    }

    private static Object called(Method factory) {
        try {
            return factory.invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(factory + " makes no codec without arguments", e);
        }
    }

    /** Some key that the codec takes. */
    @SuppressWarnings("unchecked") // An object of another type is a ClassCastException.
    private static <K> K keyOf(KeyCodec<K> codec) {
        for (Object key : List.of(new byte[] {1, 2, 3}, "key", 7L, new UUID(1, 2))) {
            try {
                byte[] unused = codec.encode((K) key);
                return (K) key;
            } catch (ClassCastException e) {
                // Not a key of this codec.
            }
        }
        throw new AssertionError("no key for " + codec);
    }

    private class Keys implements KeyCodec<String> {

        @Override
        public byte[] encode(String key) {
            return array;
        }

        @Override
        public String decode(byte[] bytes) {
            throw new AssertionError("nothing is decoded here");
        }
    }

    private class Values implements ValueCodec<String> {

        @Override
        public byte[] encode(String value) {
            return array;
        }

        @Override
        public String decode(byte[] blob) {
            throw new AssertionError("nothing is decoded here");
        }
    }
}
