package org.blobarena.content;

/** Receives the progress of a collection, and may cancel it; see {@link ContentStore#collect(CollectProgress)}. */
@FunctionalInterface
public interface CollectProgress {

    /**
     * Receives what is done so far, in the thread that collects.
     *
     * @param done the number of names and contents that were visited
     * @param total the number of all names and contents, which may change as the store does
     * @return whether to go on; if not, the collection ends, and what it has not removed stays
     */
    boolean update(long done, long total);
}
