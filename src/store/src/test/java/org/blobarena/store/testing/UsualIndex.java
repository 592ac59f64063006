package org.blobarena.store.testing;

import org.blobarena.index.IndexFactories;
import org.blobarena.index.LocationIndexFactory;
import org.junit.jupiter.api.Assumptions;

/** The index that a store has where nobody says which: the suite also runs where it is not a Chronicle Map. */
public final class UsualIndex {

    private UsualIndex() {}

    /** What makes it. */
    public static LocationIndexFactory factory() {
        return IndexFactories.installed().preferred().factory();
    }

    /** Ends a test that is about Chronicle Map where stores have another index. */
    public static void assumeChronicleMap() {
        Assumptions.assumeTrue(
                factory().name().equals("chronicle-map"),
                "the index is " + factory().name());
    }
}
