package org.blobarena.store;

/**
 * What a batch writes under one key.
 *
 * @param payload nothing for a removal
 */
record BatchRecord(EncodedKey key, Payload payload) {}
