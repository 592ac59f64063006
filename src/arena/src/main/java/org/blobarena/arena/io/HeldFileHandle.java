package org.blobarena.arena.io;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file of a directory that may be locked: what it forces counts for good, so before that the directory must be this
 * process's still.
 */
final class HeldFileHandle implements FileHandle {

    private final FileHandle handle;
    private final Directory directory;

    HeldFileHandle(FileHandle handle, Directory directory) {
        this.handle = handle;
        this.directory = directory;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        return handle.read(target, position);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        handle.write(source, position);
    }

    @Override
    public void force() throws IOException {
        directory.requireHeld();
        handle.force();
    }

    @Override
    public long size() throws IOException {
        return handle.size();
    }

    @Override
    public void truncate(long size) throws IOException {
        handle.truncate(size);
    }

    @Override
    public void close() throws IOException {
        handle.close();
    }

    @Override
    public String toString() {
        return handle.toString();
    }
}
