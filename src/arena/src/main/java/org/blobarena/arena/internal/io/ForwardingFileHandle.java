package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;

/** A file handle that passes everything on to another one; a subclass changes what it overrides. */
public abstract class ForwardingFileHandle implements FileHandle {

    private final FileHandle handle;

    /**
     * Passes on to a handle.
     *
     * @param handle the other one, which is closed with this one
     */
    protected ForwardingFileHandle(FileHandle handle) {
        this.handle = handle;
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
    public MappedByteBuffer map(long position, int bytes) throws IOException {
        return handle.map(position, bytes);
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
