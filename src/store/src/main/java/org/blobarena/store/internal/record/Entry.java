package org.blobarena.store.internal.record;

/** A key and its payload, as read from a record. */
public final class Entry {

    private final byte[] key;
    private final byte[] payload;

    public Entry(byte[] key, byte[] payload) {
        this.key = key;
        this.payload = payload;
    }

    public byte[] key() {
        return key;
    }

    public byte[] payload() {
        return payload;
    }
}
