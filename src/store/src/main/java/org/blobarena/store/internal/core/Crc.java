package org.blobarena.store.internal.core;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The checksum of payloads. */
public final class Crc {

    private Crc() {}

    /** Returns the CRC-32C from position to limit, which stay. */
    public static int of(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        int position = bytes.position();
        checksum.update(bytes);
        bytes.position(position);
        return (int) checksum.getValue();
    }
}
