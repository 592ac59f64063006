package org.blobarena.store.internal.core;

import org.blobarena.index.KeyHash;

/** A key as bytes, and their hash. The bytes are its own: nobody changes them. */
public final class EncodedKey {

    private final byte[] bytes;
    private final KeyHash hash;

    public EncodedKey(byte[] bytes, KeyHash hash) {
        this.bytes = bytes;
        this.hash = hash;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return bytes.length;
    }

    public KeyHash hash() {
        return hash;
    }
}
