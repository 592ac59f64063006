package org.blobarena.index.chronicle.map;

import java.nio.ByteOrder;
import net.openhft.chronicle.core.Memory;
import net.openhft.chronicle.core.OS;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;

/**
 * An entry as it stands in the memory of a map: the 16 bytes of a {@link KeyHash}, then the 12 of {@link Location#encode},
 * all numbers little-endian. It is named by its address.
 */
final class MapEntry {

    /** Bytes of an entry. */
    static final int BYTES = KeyHash.ENCODED_BYTES + Location.ENCODED_BYTES;

    private static final int LOW_OFFSET = Long.BYTES;
    private static final int FILE_INDEX_OFFSET = KeyHash.ENCODED_BYTES;
    private static final int OFFSET_OFFSET = FILE_INDEX_OFFSET + Integer.BYTES;
    private static final int LENGTH_OFFSET = OFFSET_OFFSET + Integer.BYTES;

    private static final Memory MEMORY = OS.memory();
    private static final boolean SWAP = ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN;

    private MapEntry() {}

    static long keyHigh(long entry) {
        return word(MEMORY.readLong(entry));
    }

    static long keyLow(long entry) {
        return word(MEMORY.readLong(entry + LOW_OFFSET));
    }

    static boolean hasKey(long entry, long high, long low) {
        return MEMORY.readLong(entry) == word(high) && MEMORY.readLong(entry + LOW_OFFSET) == word(low);
    }

    /** Reads the location into a probe. */
    static void read(long entry, IndexProbe probe) {
        probe.found(
                decoded(MEMORY.readInt(entry + FILE_INDEX_OFFSET)),
                decoded(MEMORY.readInt(entry + OFFSET_OFFSET)),
                decoded(MEMORY.readInt(entry + LENGTH_OFFSET)));
    }

    static Location location(long entry) {
        return new Location(
                decoded(MEMORY.readInt(entry + FILE_INDEX_OFFSET)),
                decoded(MEMORY.readInt(entry + OFFSET_OFFSET)),
                decoded(MEMORY.readInt(entry + LENGTH_OFFSET)));
    }

    /** Writes the key and the location of a probe. */
    static void write(long entry, IndexProbe probe) {
        MEMORY.writeLong(entry, word(probe.high()));
        MEMORY.writeLong(entry + LOW_OFFSET, word(probe.low()));
        write(entry, probe.fileIndex(), probe.offset(), probe.length());
    }

    /** Replaces the location by that of a probe, which gets the one that was there. */
    static void exchange(long entry, IndexProbe probe) {
        long fileIndex = probe.fileIndex();
        long offset = probe.offset();
        long length = probe.length();
        read(entry, probe);
        write(entry, fileIndex, offset, length);
    }

    /** Replaces the location. */
    static void write(long entry, Location location) {
        write(entry, location.fileIndex(), location.offset(), location.length());
    }

    private static void write(long entry, long fileIndex, long offset, long length) {
        MEMORY.writeInt(entry + FILE_INDEX_OFFSET, encoded(fileIndex));
        MEMORY.writeInt(entry + OFFSET_OFFSET, encoded(offset));
        MEMORY.writeInt(entry + LENGTH_OFFSET, encoded(length));
    }

    /** Returns half of a key as it stands in memory, or back. */
    static long word(long value) {
        return SWAP ? Long.reverseBytes(value) : value;
    }

    /** Returns a part of a location as it stands in memory. */
    static int encoded(long value) {
        return SWAP ? Integer.reverseBytes((int) value) : (int) value;
    }

    /** Returns a part of a location that stands in memory. */
    static long decoded(int value) {
        return Integer.toUnsignedLong(SWAP ? Integer.reverseBytes(value) : value);
    }
}
