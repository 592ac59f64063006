package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Files that are read and written whole. */
public final class SmallFiles {

    private SmallFiles() {}

    /**
     * Reads a file.
     *
     * @param directory where it is
     * @param name the file
     * @param bytesMax what it can have at most; of a longer file this many bytes are read
     * @return its bytes, in a new buffer
     * @throws java.nio.file.NoSuchFileException if it does not exist
     * @throws IOException if it cannot be read
     */
    public static ByteBuffer read(Directory directory, String name, long bytesMax) throws IOException {
        try (FileHandle file = directory.openRead(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(bytesMax, file.size()));
            file.read(bytes, 0);
            return bytes.flip();
        }
    }

    /**
     * Writes a file so that after a crash it is there with all its bytes or not at all; one that had the name is replaced.
     *
     * @param directory where
     * @param name the file
     * @param unfinishedName what it is called while it is written
     * @param bytes its bytes, from position to limit, where the position is then
     * @throws NoSpaceException if the device is full
     * @throws IOException if it cannot be written
     */
    public static void replace(Directory directory, String name, String unfinishedName, ByteBuffer bytes)
            throws IOException {
        if (directory.list().contains(unfinishedName)) {
            directory.delete(unfinishedName);
            directory.force(); // Else the device may keep the rename and, under its old name, the old file.
        }
        try (FileHandle file = directory.create(unfinishedName)) {
            file.write(bytes, 0);
            file.force();
        }
        directory.rename(unfinishedName, name);
        directory.force();
    }
}
