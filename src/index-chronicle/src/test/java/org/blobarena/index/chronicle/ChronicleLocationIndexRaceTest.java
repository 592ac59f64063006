package org.blobarena.index.chronicle;

import org.blobarena.index.LocationIndexFactory;
import org.blobarena.index.LocationIndexRaceContract;

class ChronicleLocationIndexRaceTest extends LocationIndexRaceContract {

    @Override
    protected LocationIndexFactory factory() {
        return new ChronicleLocationIndexFactory();
    }
}
