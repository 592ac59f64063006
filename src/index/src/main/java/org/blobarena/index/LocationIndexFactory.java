package org.blobarena.index;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ServiceLoader;

/**
 * Makes and reopens indexes. An implementation is found by {@link ServiceLoader}, so that a store uses the index
 * that is on the class path or the module path. Safe from any thread.
 */
public interface LocationIndexFactory {

    /**
     * Returns the installed implementation.
     *
     * @return a factory of indexes
     * @throws IllegalStateException if there is none
     */
    static LocationIndexFactory installed() {
        // The loader of this class first: the context class loader of the caller may know nothing of this library.
        ClassLoader ours = LocationIndexFactory.class.getClassLoader();
        return ServiceLoader.load(LocationIndexFactory.class, ours)
                .findFirst()
                .or(() -> ServiceLoader.load(LocationIndexFactory.class).findFirst())
                .orElseThrow(
                        () -> new IllegalStateException("no index for BlobArena is on the class path or module path;"
                                + " add one, as the artifact blobarena-index-chronicle, and if jars were merged into"
                                + " one, merge their files in META-INF/services too"));
    }

    /**
     * Checks that this index can be used in the running JVM. Called before a store opens its first file; cheap after the
     * first time.
     *
     * @throws IllegalStateException if it cannot; the message says what makes it work
     */
    default void prepare() {
        // Most need nothing.
    }

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
