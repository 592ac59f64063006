package org.blobarena.store;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Refuses directories that this JVM cannot name. It reads names as text in the encoding of its locale, and some of it,
 * and the index, go by that text: in a locale that lacks a character they would use another directory, or fail in the
 * middle of making a store.
 */
final class EncodableName {

    private EncodableName() {}

    static void require(Path directory) throws IOException {
        String working = System.getProperty("user.dir", "");
        if (!isSame(directory, directory.toString())) {
            throw refused("the directory", directory.toString());
        }
        try {
            directory.getFileSystem().getPath(working);
        } catch (InvalidPathException e) {
            throw refused("the working directory", working);
        }
    }

    private static boolean isSame(Path path, String text) {
        try {
            return path.getFileSystem().getPath(text).equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static IOException refused(String what, String name) {
        return new IOException("this JVM cannot name " + what + " " + name + " in its encoding of file names, "
                + System.getProperty("sun.jnu.encoding", "unknown")
                + ": use another name, or a locale that has it, such as C.UTF-8");
    }
}
