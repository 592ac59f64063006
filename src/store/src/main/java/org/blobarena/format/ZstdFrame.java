package org.blobarena.format;

import java.nio.ByteBuffer;

/**
 * How long a zstd frame is, by the lengths that stand in it (RFC 8878, section 3.1.1). A decoder takes several frames, and
 * some that it skips, for one content; of a block there is one frame and nothing else.
 */
public final class ZstdFrame {

    private static final int MAGIC = 0xfd2fb528;
    private static final int MAGIC_BYTES = 4;
    private static final int DICTIONARY_FLAGS = 0b0000_0011;
    private static final int CHECKSUM_FLAG = 0b0000_0100;
    private static final int SINGLE_SEGMENT_FLAG = 0b0010_0000;
    private static final int CONTENT_SIZE_SHIFT = 6;
    private static final int CHECKSUM_BYTES = 4;
    private static final int BLOCK_HEADER_BYTES = 3;
    private static final int LAST_BLOCK_FLAG = 1;
    private static final int BLOCK_TYPE_SHIFT = 1;
    private static final int BLOCK_TYPE_RLE = 1;
    private static final int BLOCK_SIZE_SHIFT = 3;

    private ZstdFrame() {}

    /**
     * Checks that bytes are one frame that needs no dictionary, as far as its lengths tell.
     *
     * @param bytes in little-endian order, from position to limit, which stay
     * @throws FormatException if they begin otherwise, or the frame ends before or after them
     */
    public static void requireOne(ByteBuffer bytes) throws FormatException {
        int from = bytes.position();
        int end = bytes.limit();
        if (end - from <= MAGIC_BYTES || bytes.getInt(from) != MAGIC) {
            throw FormatException.corrupt("beginning of a compressed block", "that of a zstd frame", "other bytes");
        }
        int flags = bytes.get(from + MAGIC_BYTES);
        if ((flags & DICTIONARY_FLAGS) != 0) {
            throw FormatException.corrupt("dictionary of a compressed block", "none", "one");
        }
        int at = from + MAGIC_BYTES + 1 + headerBytes(flags);
        boolean last = false;
        while (!last && at + BLOCK_HEADER_BYTES <= end) {
            int header = Short.toUnsignedInt(bytes.getShort(at)) | Byte.toUnsignedInt(bytes.get(at + 2)) << Short.SIZE;
            last = (header & LAST_BLOCK_FLAG) != 0;
            boolean repeated = (header >>> BLOCK_TYPE_SHIFT & 0b11) == BLOCK_TYPE_RLE;
            at += BLOCK_HEADER_BYTES + (repeated ? 1 : header >>> BLOCK_SIZE_SHIFT);
        }
        at += (flags & CHECKSUM_FLAG) == 0 ? 0 : CHECKSUM_BYTES;
        if (!last || at != end) {
            throw FormatException.corrupt(
                    "length of the zstd frame of a compressed block", end - from, last ? at - from : "more");
        }
    }

    /** Returns the bytes of the header behind its flags, without a dictionary's id. */
    private static int headerBytes(int flags) {
        boolean singleSegment = (flags & SINGLE_SEGMENT_FLAG) != 0;
        int contentSize = (flags & 0xff) >>> CONTENT_SIZE_SHIFT;
        if (contentSize == 0) {
            return 1; // Either the window or, in a single segment, the content size.
        }
        return (singleSegment ? 0 : 1) + (1 << contentSize);
    }
}
