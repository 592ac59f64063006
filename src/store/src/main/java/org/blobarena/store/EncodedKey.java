package org.blobarena.store;

import java.nio.ByteBuffer;
import org.blobarena.index.KeyHash;

/** A key as bytes, and their hash. The bytes are its own: nobody changes them. */
final class EncodedKey implements SoughtKey {

    private final byte[] bytes;
    private final KeyHash hash;

    EncodedKey(byte[] bytes, KeyHash hash) {
        this.bytes = bytes;
        this.hash = hash;
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public int length() {
        return bytes.length;
    }

    @Override
    public KeyHash hash() {
        return hash;
    }

    @Override
    public boolean isAt(ByteBuffer bytesOfRecord, int at) {
        return bytesOfRecord.slice(at, bytes.length).equals(ByteBuffer.wrap(bytes));
    }
}
