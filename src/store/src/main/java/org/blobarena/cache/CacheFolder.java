package org.blobarena.cache;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Where a manager of several caches keeps them: each in a folder of its own, by its name. */
public final class CacheFolder {

    /** What a name of a folder holds as it is. */
    private static final String PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

    private static final char ESCAPE = '%';

    private CacheFolder() {}

    /**
     * Returns the folder of a cache. No name leads out of the parent, and each has a folder, the empty one too.
     *
     * @param parent the directory of all caches
     * @param name the name of the cache, whatever it holds
     * @return the folder, where there may be nothing yet; two names have never the same, unless the file system takes small
     *     and capital letters for the same
     */
    public static Path of(Path parent, String name) {
        return parent.resolve(nameOf(name));
    }

    /**
     * Returns the name of a folder for a text.
     *
     * @param text any text
     * @return the name, of ASCII letters, digits and {@code _-.%}; two texts have never the same
     */
    public static String nameOf(String text) {
        StringBuilder name = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            boolean hidden = name.isEmpty() && each == '.';
            if (PLAIN.indexOf(each) >= 0 && !hidden) {
                name.append((char) each);
            } else {
                name.append(ESCAPE).append("%02X".formatted(each));
            }
        }
        return name.isEmpty() ? String.valueOf(ESCAPE) : name.toString();
    }
}
