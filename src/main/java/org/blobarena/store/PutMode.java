package org.blobarena.store;

/** How a blob is to be stored, as the caller or the store's options say. */
record PutMode(Durability durability, Compression compression) {}
