package org.blobarena.arena.internal.lock;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names in one directory, whatever its path leads to by now. Links are never followed. Safe from any thread. */
public interface Names {

    /**
     * Opens a regular file, or makes one with {@code CREATE_NEW}.
     *
     * @param name the file
     * @param options how
     * @param attributes of a file that is made
     * @return a channel at the file
     * @throws IOException if it cannot be done
     */
    FileChannel open(String name, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException;

    /**
     * Returns what a name stands for.
     *
     * @param name the name
     * @return its attributes
     * @throws IOException if it cannot be done
     */
    BasicFileAttributes attributes(String name) throws IOException;

    /**
     * The owner and group of what a name stands for.
     *
     * @param name the name
     * @return their view; null where the system has none
     * @throws IOException if it cannot be done
     */
    @Nullable PosixFileAttributeView owner(String name) throws IOException;

    /**
     * Returns all names.
     *
     * @return the names in no particular order
     * @throws IOException if it cannot be done
     */
    List<String> list() throws IOException;

    /**
     * Gives a file another name, atomically replacing a file that has it.
     *
     * @param from the present name
     * @param to the new name
     * @throws IOException if it cannot be done
     */
    void move(String from, String to) throws IOException;

    /**
     * Removes a name, which is not that of a directory.
     *
     * @param name the name
     * @throws IOException if it cannot be done
     */
    void delete(String name) throws IOException;
}
