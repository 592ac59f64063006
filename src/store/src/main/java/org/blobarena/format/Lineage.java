package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The payload of a lineage record: the files whose live records all stand in this file or in files sealed before it.
 * Once this file is sealed, those count for nothing, whether or not they are still there.
 *
 * @param fileIds their ids, 1 to {@value #FILES_MAX} of them
 */
public record Lineage(List<Long> fileIds) {

    /** The most files that one file can replace: bounds what a reader allocates. */
    public static final int FILES_MAX = 4096;

    static final int COUNT_OFFSET = 0;
    static final int RESERVED_OFFSET = 4;
    static final int REPLACED_ID_OFFSET = 0;

    static final int HEADER_BYTES = 8;
    static final int REPLACED_BYTES = 4;

    /**
     * Returns the bytes of a payload.
     *
     * @param count how many files it names
     * @return bytes
     */
    public static int payloadBytes(int count) {
        return HEADER_BYTES + count * REPLACED_BYTES;
    }

    /**
     * Returns the bytes.
     *
     * @return a new buffer, ready to be read
     */
    public ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(payloadBytes(fileIds.size())).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(COUNT_OFFSET, fileIds.size());
        for (int i = 0; i < fileIds.size(); i++) {
            bytes.putInt(
                    HEADER_BYTES + i * REPLACED_BYTES + REPLACED_ID_OFFSET,
                    fileIds.get(i).intValue());
        }
        return bytes;
    }

    /**
     * Reads a payload whose checksum is right.
     *
     * @param payload the payload, from its position to its limit
     * @return the lineage
     * @throws FormatException if it is none
     */
    public static Lineage decode(ByteBuffer payload) throws FormatException {
        ByteBuffer bytes = payload.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() < HEADER_BYTES) {
            throw FormatException.corrupt("length of a lineage", "at least " + HEADER_BYTES, bytes.limit());
        }
        long count = Integer.toUnsignedLong(bytes.getInt(COUNT_OFFSET));
        if (count < 1 || count > FILES_MAX || bytes.limit() != payloadBytes((int) count)) {
            throw FormatException.corrupt("files of a lineage of " + bytes.limit() + " bytes", "as many", count);
        }
        Fixed.requireZero(bytes, RESERVED_OFFSET, HEADER_BYTES);
        List<Long> fileIds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            fileIds.add(Integer.toUnsignedLong(bytes.getInt(HEADER_BYTES + i * REPLACED_BYTES + REPLACED_ID_OFFSET)));
        }
        return new Lineage(List.copyOf(fileIds));
    }
}
