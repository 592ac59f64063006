package org.blobarena.cli.text;

import java.util.Arrays;
import java.util.HexFormat;
import org.blobarena.store.api.KeyCodec;
import picocli.CommandLine.ITypeConverter;

/** A key as the command line has it: bytes, text or not, the same that were given. Ordered by its bytes, unsigned. */
public final class Key implements Comparable<Key> {

    public static final KeyCodec<Key> CODEC = new KeyCodec<>() {
        @Override
        public byte[] encode(Key key) {
            return key.bytes;
        }

        @Override
        public boolean returnsStableKeys() {
            return true;
        }

        @Override
        public Key decode(byte[] bytes) {
            return new Key(bytes);
        }
    };

    private final byte[] bytes;

    /** @param bytes which the key owns from then on */
    public Key(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @param text with bytes that are not UTF-8 as {@link RawText} has them */
    public static Key of(String text) {
        return new Key(RawText.encode(text));
    }

    /** Returns the key's own, not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** Returns whether the bytes are UTF-8. */
    public boolean isText() {
        return !RawText.hasEscapes(text());
    }

    /** Returns the bytes as {@link RawText}. */
    public String text() {
        return RawText.decode(bytes);
    }

    /** Returns two digits for each byte. */
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    public boolean startsWith(Key prefix) {
        int length = prefix.bytes.length;
        return length <= bytes.length && Arrays.equals(bytes, 0, length, prefix.bytes, 0, length);
    }

    @Override
    public int compareTo(Key other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return Shown.of(this);
    }

    /** Reads an argument. */
    public static final class Converter implements ITypeConverter<Key> {

        @Override
        public Key convert(String value) {
            return of(value);
        }
    }
}
