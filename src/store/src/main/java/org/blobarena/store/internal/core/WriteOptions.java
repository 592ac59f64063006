package org.blobarena.store.internal.core;

import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;

/** How blobs are stored: as the store's options say, or the caller. */
public record WriteOptions(Durability durability, Compression compression, Expiry expiry) {

    /** The same with another durability. */
    public WriteOptions with(Durability replacement) {
        return new WriteOptions(replacement, compression, expiry);
    }

    /** The same with another compression. */
    public WriteOptions with(Compression replacement) {
        return new WriteOptions(durability, replacement, expiry);
    }

    /** The same with another expiry. */
    public WriteOptions with(Expiry replacement) {
        return new WriteOptions(durability, compression, replacement);
    }
}
