package org.blobarena.store;

/** How blobs are stored: as the store's options say, or the caller. */
record WriteOptions(Durability durability, Compression compression) {}
