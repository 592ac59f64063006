package org.blobarena.format;

import java.nio.ByteBuffer;
import java.util.UUID;

/** A UUID as 16 bytes: most significant eight, then least, each in the order of the buffer. */
final class Uuids {

    private Uuids() {}

    static void put(ByteBuffer bytes, int offset, UUID id) {
        bytes.putLong(offset, id.getMostSignificantBits());
        bytes.putLong(offset + Long.BYTES, id.getLeastSignificantBits());
    }

    static UUID get(ByteBuffer bytes, int offset) {
        return new UUID(bytes.getLong(offset), bytes.getLong(offset + Long.BYTES));
    }
}
