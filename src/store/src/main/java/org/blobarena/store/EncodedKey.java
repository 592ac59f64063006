package org.blobarena.store;

import org.blobarena.index.KeyHash;

/** A key as bytes, and their hash. The bytes are its own: nobody changes them. */
final class EncodedKey {

    private final byte[] bytes;
    private final KeyHash hash;

    EncodedKey(byte[] bytes, KeyHash hash) {
        this.bytes = bytes;
        this.hash = hash;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return bytes.length;
    }

    KeyHash hash() {
        return hash;
    }
}
