package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Checksums as store-format.md says them, without a line of the library. */
public final class SpecifiedChecksums {

    private SpecifiedChecksums() {}

    /** Of a range of bytes. */
    public static int of(ByteBuffer bytes, int from, int to) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.slice(from, to - from));
        return (int) checksum.getValue();
    }

    /** Of the header and key of a record that stands at an index of the bytes and at that offset of its file. */
    public static int ofRecord(ByteBuffer bytes, int at, int keyLength, RecordHeader.Place place) {
        int length = headerBytes(bytes, at) - 4 + keyLength;
        ByteBuffer covered = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN);
        covered.putInt((int) place.fileId()).putInt((int) place.offset()).put(bytes.slice(at + 4, length));
        return of(covered, 0, covered.capacity());
    }

    /** What a header that stands at an index of the bytes has before the key. */
    public static int headerBytes(ByteBuffer bytes, int at) {
        return (bytes.get(at + 31) & 4) == 0 ? 32 : 40;
    }
}
