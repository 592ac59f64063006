package org.blobarena.store.objects;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.blobarena.store.api.KeyCodec;

/**
 * Keys of any type that can be serialized, those of common types shorter. The first byte tells which follow.
 *
 * @param <K> the type of keys
 */
final class ObjectKeys<K> implements KeyCodec<K> {

    private static final byte SERIAL = 0;
    private static final byte TEXT = 1;
    private static final byte LONG = 2;
    private static final byte INTEGER = 3;
    private static final byte UUIDS = 4;
    private static final byte BYTES = 5;

    private final SerialCodec<Object> serial;

    ObjectKeys(SerialCodec<Object> serial) {
        this.serial = serial;
    }

    @Override
    public boolean returnsStableKeys() {
        return true;
    }

    @Override
    public byte[] encode(K key) {
        if (key instanceof String text) {
            return tagged(TEXT, KeyCodec.utf8().encode(text));
        } else if (key instanceof Long number) {
            return tagged(LONG, KeyCodec.longs().encode(number));
        } else if (key instanceof Integer number) {
            return tagged(
                    INTEGER, ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
        } else if (key instanceof UUID uuid) {
            return tagged(UUIDS, KeyCodec.uuids().encode(uuid));
        } else if (key instanceof byte[] bytes) {
            return tagged(BYTES, bytes);
        }
        return tagged(SERIAL, serial.encodeCanonically(key));
    }

    private static byte[] tagged(byte tag, byte[] bytes) {
        return ByteBuffer.allocate(1 + bytes.length).put(tag).put(bytes).array();
    }

    @Override
    @SuppressWarnings("unchecked") // The type is that of the key that was encoded.
    public K decode(byte[] bytes) {
        return (K) decodeAny(bytes);
    }

    private Object decodeAny(byte[] bytes) {
        if (bytes.length == 0) {
            throw new IllegalArgumentException("a key of no bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        byte[] rest = new byte[buffer.remaining()];
        buffer.get(rest);
        return switch (bytes[0]) {
            case SERIAL -> serial.decode(rest);
            case TEXT -> KeyCodec.utf8().decode(rest);
            case LONG -> KeyCodec.longs().decode(rest);
            case INTEGER -> integer(rest);
            case UUIDS -> KeyCodec.uuids().decode(rest);
            case BYTES -> rest;
            default -> throw new IllegalArgumentException("a key of the unknown kind " + bytes[0]);
        };
    }

    private static int integer(byte[] bytes) {
        if (bytes.length != Integer.BYTES) {
            throw new IllegalArgumentException("an int of " + bytes.length + " bytes");
        }
        return ByteBuffer.wrap(bytes).getInt();
    }
}
