package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One directory of regular files, without subdirectories. Names are plain file names. No link is followed.
 *
 * <p>What a device does with unforced changes is not hidden: a file's bytes are durable after {@link
 * FileHandle#force}, its name, new, changed or gone, after {@link #force}.
 */
public interface Directory {

    /**
     * Returns where the directory is.
     *
     * @return its path, for messages and for components that bring their own file access
     */
    Path path();

    /**
     * Creates a file for reading and writing that only its owner may read.
     *
     * @param name the file, which must not exist
     * @return a handle at an empty file
     * @throws java.nio.file.FileAlreadyExistsException if it exists
     * @throws NoSpaceException if the device is full
     * @throws IOException if it cannot be created
     */
    FileHandle create(String name) throws IOException;

    /**
     * Opens an existing file for reading.
     *
     * @param name the file
     * @return a handle that refuses writes
     * @throws java.nio.file.NoSuchFileException if it does not exist
     * @throws IOException if it cannot be opened
     */
    FileHandle openRead(String name) throws IOException;

    /**
     * Opens an existing file for reading, by a handle that stays usable when the name is gone, or another file's.
     *
     * @param name the file
     * @return a handle that refuses writes
     * @throws java.nio.file.NoSuchFileException if it does not exist
     * @throws IOException if it cannot be opened
     */
    default FileHandle openHeld(String name) throws IOException {
        return openRead(name); // Where no interrupt makes it open the file by its name again.
    }

    /**
     * Opens an existing file, which does not change any more, for reading through a mapping into memory, where that can be
     * had; else as {@link #openRead} does.
     *
     * @param name the file
     * @param bytes how many of its bytes are to be read, all of which are there
     * @return a handle that refuses writes
     * @throws java.nio.file.NoSuchFileException if it does not exist
     * @throws java.io.EOFException if it is shorter
     * @throws IOException if it cannot be opened
     */
    default FileHandle openMapped(String name, long bytes) throws IOException {
        return openRead(name);
    }

    /**
     * Opens an existing file for reading and writing.
     *
     * @param name the file
     * @return a handle
     * @throws java.nio.file.NoSuchFileException if it does not exist
     * @throws IOException if it cannot be opened
     */
    FileHandle openWrite(String name) throws IOException;

    /**
     * Returns the names of all regular files.
     *
     * @return the names in no particular order
     * @throws IOException if the directory cannot be read
     */
    List<String> list() throws IOException;

    /**
     * Returns the names of everything else: links, directories, pipes, devices. None of them is ever opened.
     *
     * @return the names in no particular order
     * @throws IOException if the directory cannot be read
     */
    default List<String> listOthers() throws IOException {
        return List.of();
    }

    /**
     * Gives a file another name, atomically replacing a file that has it.
     *
     * @param from the present name
     * @param to the new name
     * @throws NoSpaceException if the device is full
     * @throws IOException if it cannot be done; nothing is then changed
     */
    void rename(String from, String to) throws IOException;

    /**
     * Gives a file a second name in another directory, where the system can do that: both are then the same file.
     *
     * @param name the file, which must not change any more
     * @param target where it gets the same name, which must be free
     * @return whether it was done; false where it cannot be, as between devices
     * @throws IOException if it failed for another reason
     */
    default boolean link(String name, Directory target) throws IOException {
        return false;
    }

    /**
     * Returns how many names a file has, in whatever directories: what is written to it is seen under all of them.
     *
     * @param name the file
     * @return 1 or more; 1 where the system does not tell
     * @throws java.nio.file.NoSuchFileException if it does not exist
     * @throws IOException if it cannot be found out
     */
    int links(String name) throws IOException;

    /**
     * Removes a name if it exists. Handles that are open on the file stay usable.
     *
     * @param name the file
     * @throws IOException if it cannot be removed
     */
    void delete(String name) throws IOException;

    /**
     * Makes creations, renames and deletions durable. Does nothing on a system that cannot force a directory.
     *
     * @throws IOException if the device reports an error
     */
    void force() throws IOException;

    /**
     * Returns the space that is left on the device, as far as it is known.
     *
     * @return bytes that this process may still write; {@code Long.MAX_VALUE} when that is not known, or cannot be asked
     *     for now: a writer is told in any case
     */
    default long usableBytes() {
        return Long.MAX_VALUE;
    }

    /**
     * Prepares to keep other processes, and other users in this one, out. Nothing is locked yet.
     *
     * @param signedName the file that says who has the directory
     * @return the lock, to be closed
     * @throws IOException if the directory cannot be opened
     */
    DirectoryLock lock(String signedName) throws IOException;

    /**
     * Makes sure that the directory is locked still and where it was. It takes its locks again, which costs some
     * microseconds. Does nothing while it is not locked. What changes names does the same by itself.
     *
     * @throws DirectoryLostException if this process does not have the directory any more, from then on always
     * @throws IOException if that cannot be found out
     */
    default void requireHeld() throws IOException {}
}
