package org.blobarena.store.api;

/**
 * A place in a store whose bytes are not what was written.
 *
 * @param file the path of the file
 * @param offset the offset in the file, in bytes
 * @param problem what was expected and what was found
 */
public record Damage(String file, long offset, String problem) {

    @Override
    public String toString() {
        return file + ", offset " + offset + ": " + problem;
    }
}
