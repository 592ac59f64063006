package org.blobarena.index.chronicle.map;

import java.util.concurrent.atomic.AtomicInteger;
import net.openhft.chronicle.wire.Marshallable;
import net.openhft.chronicle.wire.WireIn;

/** A class that does something when it is made an object of, as those of an application may. Its name is short. */
final class IndexForgery implements Marshallable {

    /** How many times something was done. */
    static final AtomicInteger TOUCHED = new AtomicInteger();

    @Override
    public void readMarshallable(WireIn wire) {
        TOUCHED.incrementAndGet();
    }
}
