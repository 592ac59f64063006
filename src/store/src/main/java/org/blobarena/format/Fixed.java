package org.blobarena.format;

import java.nio.ByteBuffer;
import java.util.Locale;

/** What the structures that begin with magic and version have in common. */
final class Fixed {

    private static final int VERSION_OFFSET = Long.BYTES;

    private Fixed() {}

    /** The frame of a structure: what messages call it, its size in bytes, magic, and where its checksum is. */
    record Frame(String name, int bytes, long magic, int checksumOffset) {}

    /** Checks, in this order, the length, the magic, the checksum of all before it, and the version. */
    static void requireFrame(ByteBuffer bytes, Frame frame) throws FormatException {
        if (bytes.limit() < frame.bytes) {
            throw FormatException.corrupt("length of the " + frame.name, frame.bytes, bytes.limit());
        }
        requireMagic(bytes, frame.name, frame.magic);
        int expected = Checksums.of(bytes, 0, frame.checksumOffset);
        int found = bytes.getInt(frame.checksumOffset);
        if (expected != found) {
            throw FormatException.corrupt(
                    "checksum of the " + frame.name, Checksums.hex(expected), Checksums.hex(found));
        }
        requireVersion(bytes, frame);
    }

    static void requireMagic(ByteBuffer bytes, String name, long magic) throws FormatException {
        if (bytes.getLong(0) != magic) {
            throw FormatException.corrupt("magic of the " + name, hex(magic), hex(bytes.getLong(0)));
        }
    }

    static void requireZero(ByteBuffer bytes, int from, int to) throws FormatException {
        for (int i = from; i < to; i++) {
            if (bytes.get(i) != 0) {
                throw FormatException.corrupt("reserved byte " + i, 0, Byte.toUnsignedInt(bytes.get(i)));
            }
        }
    }

    /** A {@code u64} at an offset, which must be from a least number to a greatest. */
    static long number(ByteBuffer bytes, int offset, long min, long max) throws FormatException {
        long number = bytes.getLong(offset);
        if (number < min || number > max) {
            throw FormatException.corrupt(
                    "number at byte " + offset, min + " to " + max, Long.toUnsignedString(number));
        }
        return number;
    }

    /** The earliest moment at which one of some records expires, at an offset; 0 if there are none. */
    static long moment(ByteBuffer bytes, int offset, long records) throws FormatException {
        long moment = bytes.getLong(offset);
        if (records == 0 ? moment != 0 : moment == RecordHeader.NEVER) {
            throw FormatException.corrupt(
                    "earliest moment of " + records + " records", records == 0 ? "0" : "less than the last", moment);
        }
        return moment;
    }

    /** Every version has the checksum where this one has it, so that a flipped bit is not taken for a newer version. */
    private static void requireVersion(ByteBuffer bytes, Frame frame) throws FormatException {
        int version = bytes.getInt(VERSION_OFFSET);
        if (Integer.compareUnsigned(version, Limits.ENCRYPTED_VERSION) > 0) {
            throw FormatException.unsupported("the " + frame.name, Limits.ENCRYPTED_VERSION, version);
        }
        if (version == 0) {
            throw FormatException.corrupt(
                    "version of the " + frame.name, Limits.FORMAT_VERSION + " or " + Limits.ENCRYPTED_VERSION, version);
        }
    }

    private static String hex(long magic) {
        return String.format(Locale.ROOT, "%016x", magic);
    }
}
