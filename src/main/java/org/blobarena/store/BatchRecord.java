package org.blobarena.store;

import java.nio.ByteBuffer;

/**
 * What a batch writes under one key.
 *
 * @param payload from its position to its limit, which stay; empty for a removal
 */
record BatchRecord(EncodedKey key, ByteBuffer payload) {}
