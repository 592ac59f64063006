package org.blobarena.index;

import java.io.IOException;
import java.nio.file.Path;

/** Makes and reopens indexes, so that a store can run on an index other than the usual one. */
public interface LocationIndexFactory {

    /**
     * Makes an empty index after deleting every index file in the directory.
     *
     * @param directory where its files go
     * @param expectedKeys how many keys to make room for at first, 0 or more; the index grows past it
     * @return the index
     * @throws IOException if its file cannot be made
     */
    LocationIndex create(Path directory, long expectedKeys) throws IOException;

    /**
     * Opens the index that {@link LocationIndex#closeForReopening} left, and deletes every other index file
     * in the directory.
     *
     * @param directory where its files are
     * @param name what {@code closeForReopening} returned
     * @param expectedSize the number of keys that it held then
     * @return the index
     * @throws IOException if the file is missing, cannot be opened or does not hold that many keys; the
     *     caller then creates an index anew
     */
    LocationIndex open(Path directory, String name, long expectedSize) throws IOException;

    /**
     * Opens a copy of the index that {@link LocationIndex#closeForReopening} left, and changes nothing where it is.
     *
     * @param directory where its files are
     * @param name what {@code closeForReopening} returned
     * @param expectedSize the number of keys that it held then
     * @param scratch an empty directory for the copy
     * @return the copy
     * @throws IOException if the file is missing, cannot be copied or opened or does not hold that many keys
     */
    LocationIndex openCopy(Path directory, String name, long expectedSize, Path scratch) throws IOException;
}
