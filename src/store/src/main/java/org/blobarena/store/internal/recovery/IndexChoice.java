package org.blobarena.store.internal.recovery;

import java.util.List;
import org.blobarena.index.LocationIndexFactory;

/** Decides of which kind the index of a store is. */
@FunctionalInterface
public interface IndexChoice {

    /**
     * Returns the kind of one store, and makes it ready for use.
     *
     * @param present the names of the index files that the store has, of whatever kinds; it is not known that any is whole
     * @throws IllegalStateException if there is none that can be used here; the message says why not
     */
    LocationIndexFactory forStore(List<String> present);
}
