package org.blobarena.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C (Castagnoli, as of RFC 3720), which current processors compute at memory speed. */
public final class Checksums {

    private Checksums() {}

    /**
     * Returns the checksum of what a buffer holds.
     *
     * @param bytes from position to limit, which stay
     * @return the CRC-32C
     */
    public static int of(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        int position = bytes.position();
        checksum.update(bytes);
        bytes.position(position);
        return (int) checksum.getValue();
    }

    /** Returns the checksum of a range of a buffer, whose position and limit stay. */
    static int of(ByteBuffer bytes, int from, int to) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.slice(from, to - from));
        return (int) checksum.getValue();
    }

    static String hex(int checksum) {
        return String.format(java.util.Locale.ROOT, "%08x", checksum);
    }
}
