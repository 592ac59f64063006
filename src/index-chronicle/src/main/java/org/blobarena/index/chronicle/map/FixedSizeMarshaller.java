package org.blobarena.index.chronicle.map;

import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.RandomDataInput;
import net.openhft.chronicle.hash.AbstractData;
import net.openhft.chronicle.hash.serialization.DataAccess;
import net.openhft.chronicle.hash.serialization.SizedReader;
import net.openhft.chronicle.wire.WireIn;
import net.openhft.chronicle.wire.WireOut;
import org.jspecify.annotations.Nullable;

/**
 * How Chronicle Map stores objects that cannot change and that all have the same size.
 *
 * <p>Chronicle Map keeps one instance per thread and map for writing, and one per map for reading. The name of its class
 * stands in the header of every index file.
 */
abstract class FixedSizeMarshaller<T> extends AbstractData<T> implements DataAccess<T>, SizedReader<T> {

    /** Returns the same for all objects. */
    @Override
    public abstract long size();

    @Override
    public final long offset() {
        return 0;
    }

    @Override
    public final RandomDataInput bytes() {
        // Only rare paths of Chronicle Map ask for the bytes themselves.
        BytesStore<?, ?> store = BytesStore.wrap(new byte[Math.toIntExact(size())]);
        writeTo(store, store.start());
        return store;
    }

    @Override
    public final T getUsing(@Nullable T using) {
        return get();
    }

    @Override
    public final void readMarshallable(WireIn wire) {
        // Nothing is configured, so nothing stands in the header but the name of the class.
    }

    @Override
    public final void writeMarshallable(WireOut wire) {
        // See readMarshallable.
    }
}
