package org.blobarena.index;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Makes and reopens indexes of one kind. Those on the class path or the module path are found by {@link IndexFactories}.
 * Safe from any thread.
 */
public interface LocationIndexFactory {

    /**
     * Returns the name of the kind, by which it is asked for and reported.
     *
     * @return such as {@code table}
     */
    String name();

    /**
     * Returns which kind is used where several can be.
     *
     * @return the greater, the rather; 0 by default
     */
    default int preference() {
        return 0;
    }

    /**
     * Returns what keeps this index from being used in the running JVM, and makes it ready if nothing does. Called before a
     * store opens its first file. The answer never changes while the JVM runs, and costs nothing after the first time.
     *
     * @return why not, and what would help; null if it can be used
     */
    default @Nullable String unavailable() {
        return null; // Most need nothing.
    }

    /**
     * Returns whether a file is one that an index of this kind would make. Any other kind leaves it alone.
     *
     * @param fileName the name of a file in a store's directory
     * @return whether the name is of that form
     */
    boolean owns(String fileName);

    /**
     * Makes an empty index after deleting every file of this kind in the directory.
     *
     * @param directory where its files go
     * @param expectedKeys how many keys to make room for at first, 0 or more; the index grows past it
     * @return the index
     * @throws IOException if its file cannot be made
     */
    LocationIndex create(Path directory, long expectedKeys) throws IOException;

    /**
     * Opens the index that {@link LocationIndex#closeForReopening} left, and deletes every other file of this
     * kind in the directory.
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
