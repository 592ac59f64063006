package org.blobarena.arena.io;

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
interface Names {

    /** Opens a regular file, or makes one with {@code CREATE_NEW}. */
    FileChannel open(String name, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException;

    /** What a name stands for. */
    BasicFileAttributes attributes(String name) throws IOException;

    /** The owner and group of what a name stands for; null where the system has none. */
    @Nullable PosixFileAttributeView owner(String name) throws IOException;

    /** All names. */
    List<String> list() throws IOException;

    /** Gives a file another name, atomically replacing a file that has it. */
    void move(String from, String to) throws IOException;

    /** Removes a name, which is not that of a directory. */
    void delete(String name) throws IOException;
}
