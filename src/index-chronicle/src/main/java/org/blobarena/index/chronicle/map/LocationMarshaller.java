package org.blobarena.index.chronicle.map;

import java.nio.ByteOrder;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.RandomDataInput;
import net.openhft.chronicle.bytes.RandomDataOutput;
import net.openhft.chronicle.core.Memory;
import net.openhft.chronicle.hash.Data;
import net.openhft.chronicle.hash.serialization.DataAccess;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexProbe;
import org.jspecify.annotations.Nullable;

/** How Chronicle Map stores a {@link Location}: the 12 bytes of {@link Location#encode}. */
final class LocationMarshaller extends FixedSizeMarshaller<Location> {

    private static final boolean SWAP = ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN;

    private transient @Nullable Location location;

    @Override
    public Data<Location> getData(Location instance) {
        location = instance;
        return this;
    }

    @Override
    public void uninit() {
        location = null;
    }

    @Override
    public DataAccess<Location> copy() {
        return new LocationMarshaller();
    }

    @Override
    public Location read(Bytes<?> in, long size, @Nullable Location using) {
        long fileIndex = decoded(in.readInt());
        long offset = decoded(in.readInt());
        return new Location(fileIndex, offset, decoded(in.readInt()));
    }

    /** Reads an encoded location into a probe. */
    static void read(Memory memory, long address, IndexProbe probe) {
        probe.found(
                decoded(memory.readInt(address)),
                decoded(memory.readInt(address + Integer.BYTES)),
                decoded(memory.readInt(address + 2 * Integer.BYTES)));
    }

    /** Writes a location as {@link #read(Memory, long, IndexProbe)} reads it. */
    static void write(Memory memory, long address, Location location) {
        memory.writeInt(address, encoded(location.fileIndex()));
        memory.writeInt(address + Integer.BYTES, encoded(location.offset()));
        memory.writeInt(address + 2 * Integer.BYTES, encoded(location.length()));
    }

    @Override
    public boolean equivalent(RandomDataInput source, long sourceOffset) {
        Location present = get();
        return source.readInt(sourceOffset) == encoded(present.fileIndex())
                && source.readInt(sourceOffset + Integer.BYTES) == encoded(present.offset())
                && source.readInt(sourceOffset + 2 * Integer.BYTES) == encoded(present.length());
    }

    @Override
    @SuppressWarnings("rawtypes") // as the overridden method has it
    public void writeTo(RandomDataOutput target, long targetOffset) {
        Location present = get();
        target.writeInt(targetOffset, encoded(present.fileIndex()));
        target.writeInt(targetOffset + Integer.BYTES, encoded(present.offset()));
        target.writeInt(targetOffset + 2 * Integer.BYTES, encoded(present.length()));
    }

    @Override
    public long size() {
        return Location.ENCODED_BYTES;
    }

    @Override
    public Location get() {
        Location present = location;
        if (present == null) {
            throw new IllegalStateException("no location is set");
        }
        return present;
    }

    private static int encoded(long value) {
        return SWAP ? Integer.reverseBytes((int) value) : (int) value;
    }

    private static long decoded(int value) {
        return Integer.toUnsignedLong(SWAP ? Integer.reverseBytes(value) : value);
    }
}
