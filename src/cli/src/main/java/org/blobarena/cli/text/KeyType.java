package org.blobarena.cli.text;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;
import org.blobarena.store.api.KeyCodec;
import org.jspecify.annotations.Nullable;

/** What the text of a key stands for: its bytes themselves, or what a codec of keys makes of a value. */
public enum KeyType {
    UTF8,
    HEX,
    LONG,
    UUID;

    /**
     * Returns the key that a text says.
     *
     * @throws IllegalArgumentException if it says none
     */
    Key key(String text) {
        return switch (this) {
            case UTF8 -> Key.of(text);
            case HEX -> new Key(HexFormat.of().parseHex(text));
            case LONG -> new Key(KeyCodec.longs().encode(Long.valueOf(text)));
            case UUID -> new Key(KeyCodec.uuids().encode(exactUuid(text)));
        };
    }

    /** Returns the text of a key, or null if it has none of this type. */
    public @Nullable String text(Key key) {
        byte[] bytes = key.bytes();
        return switch (this) {
            case UTF8 -> key.text();
            case HEX -> HexFormat.of().formatHex(bytes);
            case LONG ->
                bytes.length == Long.BYTES
                        ? String.valueOf(ByteBuffer.wrap(bytes).getLong())
                        : null;
            case UUID ->
                bytes.length == 2 * Long.BYTES ? KeyCodec.uuids().decode(bytes).toString() : null;
        };
    }

    /** The JDK takes shorter ones, too. */
    private static UUID exactUuid(String text) {
        UUID uuid = java.util.UUID.fromString(text);
        if (!uuid.toString().equals(text.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("not all digits are there");
        }
        return uuid;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
