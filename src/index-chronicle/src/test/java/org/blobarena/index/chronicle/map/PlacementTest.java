package org.blobarena.index.chronicle.map;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.openhft.chronicle.algo.hashing.LongHashFunction;
import org.blobarena.index.KeyHash;

class PlacementTest {

    @Property
    void hashIsTheOneThatChronicleMapTakesOfTheKey(@ForAll long high, @ForAll long low) {
        long ofChronicle =
                new KeyHashMarshaller().getData(new KeyHash(high, low)).hash(LongHashFunction.xx_r39());

        assertThat(Placement.hash(high, low)).isEqualTo(ofChronicle);
    }
}
