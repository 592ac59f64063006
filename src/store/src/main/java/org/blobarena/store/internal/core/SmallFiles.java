package org.blobarena.store.internal.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;

/** Files that are read and written whole. */
public final class SmallFiles {

    private SmallFiles() {}

    /**
     * Reads a file.
     *
     * @param bytesMax what it can have at most; of a longer file this many bytes are read
     */
    public static ByteBuffer read(Directory directory, String name, long bytesMax) throws IOException {
        try (FileHandle file = directory.openRead(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(bytesMax, file.size()));
            file.read(bytes, 0);
            return bytes.flip();
        }
    }

    /** Writes a file so that after a crash it is there with all its bytes or not at all. */
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
