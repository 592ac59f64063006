package org.blobarena.store;

/** A key and its payload, as read from a record. */
final class Entry {

    private final byte[] key;
    private final byte[] payload;

    Entry(byte[] key, byte[] payload) {
        this.key = key;
        this.payload = payload;
    }

    byte[] key() {
        return key;
    }

    byte[] payload() {
        return payload;
    }
}
