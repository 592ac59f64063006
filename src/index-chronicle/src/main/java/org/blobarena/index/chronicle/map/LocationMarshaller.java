package org.blobarena.index.chronicle.map;

import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.RandomDataInput;
import net.openhft.chronicle.bytes.RandomDataOutput;
import net.openhft.chronicle.hash.Data;
import net.openhft.chronicle.hash.serialization.DataAccess;
import org.blobarena.arena.Location;
import org.jspecify.annotations.Nullable;

/** How Chronicle Map stores a {@link Location}: the 12 bytes of {@link Location#encode}. */
final class LocationMarshaller extends FixedSizeMarshaller<Location> {

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
        long fileIndex = MapEntry.decoded(in.readInt());
        long offset = MapEntry.decoded(in.readInt());
        return new Location(fileIndex, offset, MapEntry.decoded(in.readInt()));
    }

    @Override
    public boolean equivalent(RandomDataInput source, long sourceOffset) {
        Location present = get();
        return source.readInt(sourceOffset) == MapEntry.encoded(present.fileIndex())
                && source.readInt(sourceOffset + Integer.BYTES) == MapEntry.encoded(present.offset())
                && source.readInt(sourceOffset + 2 * Integer.BYTES) == MapEntry.encoded(present.length());
    }

    @Override
    @SuppressWarnings("rawtypes") // as the overridden method has it
    public void writeTo(RandomDataOutput target, long targetOffset) {
        Location present = get();
        target.writeInt(targetOffset, MapEntry.encoded(present.fileIndex()));
        target.writeInt(targetOffset + Integer.BYTES, MapEntry.encoded(present.offset()));
        target.writeInt(targetOffset + 2 * Integer.BYTES, MapEntry.encoded(present.length()));
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
}
