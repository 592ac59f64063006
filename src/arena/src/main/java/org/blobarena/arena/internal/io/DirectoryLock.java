package org.blobarena.arena.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What keeps other processes, and other users in this one, out of a directory: locks on some of its files.
 *
 * <p>The system may drop the lock of a file when any descriptor of that file is closed in this process. So from the
 * moment when a file is locked nobody opens it but through this lock, until the lock is closed.
 *
 * <p>Safe from any thread.
 */
public interface DirectoryLock extends Closeable {

    /**
     * Locks a file that is there and must stay what it is. Nothing is changed.
     *
     * @param name the file
     * @throws DirectoryLockedException if somebody else has it; the message names the process
     * @throws java.nio.file.NoSuchFileException if it does not exist
     * @throws IOException if it cannot be locked, or is no regular file
     */
    void add(String name) throws IOException;

    /**
     * Locks the file that says who has the directory, which is made when it is missing. The text in it is replaced.
     *
     * @throws DirectoryLockedException if somebody else has it; the message names the process
     * @throws NoSpaceException if the device is full
     * @throws IOException if it cannot be locked, or is no regular file
     */
    void sign() throws IOException;

    /**
     * Reads a file that this lock has locked.
     *
     * @param name the file
     * @param bytesMax of a longer file no more than these are read
     * @return the bytes, ready to be read
     * @throws IOException if it cannot be read
     */
    ByteBuffer read(String name, int bytesMax) throws IOException;

    /** Lets the directory go; again does nothing. */
    @Override
    void close() throws IOException;
}
