package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.arena.io.Directory;
import org.blobarena.arena.io.DirectoryLock;
import org.blobarena.arena.io.FileHandle;
import org.blobarena.arena.io.NoSpaceException;

/**
 * A directory that forces nothing but counts, runs out of space, and fails when told to. Safe from any thread.
 *
 * <p>A write that meets a full device writes nothing of what it was given.
 */
final class TestDirectory implements Directory {

    private final Directory delegate;
    private final AtomicLong freeBytes = new AtomicLong(Long.MAX_VALUE);
    private final AtomicInteger fileForces = new AtomicInteger();
    private final AtomicInteger directoryForces = new AtomicInteger();
    private volatile boolean forcesFail;
    private volatile Runnable beforeForce = () -> {};

    TestDirectory(Directory delegate) {
        this.delegate = delegate;
    }

    void setFreeBytes(long bytes) {
        freeBytes.set(bytes);
    }

    void freeSpace() {
        freeBytes.set(Long.MAX_VALUE);
    }

    void setForcesFail(boolean fail) {
        forcesFail = fail;
    }

    /** Runs in the forcing thread before each force of a file. */
    void setBeforeForce(Runnable action) {
        beforeForce = action;
    }

    int fileForces() {
        return fileForces.get();
    }

    int directoryForces() {
        return directoryForces.get();
    }

    @Override
    public Path path() {
        return delegate.path();
    }

    @Override
    public FileHandle create(String name) throws IOException {
        return new Handle(delegate.create(name));
    }

    @Override
    public FileHandle openRead(String name) throws IOException {
        return delegate.openRead(name);
    }

    @Override
    public FileHandle openWrite(String name) throws IOException {
        return new Handle(delegate.openWrite(name));
    }

    @Override
    public List<String> list() throws IOException {
        return delegate.list();
    }

    @Override
    public void rename(String from, String to) throws IOException {
        delegate.rename(from, to);
    }

    @Override
    public boolean link(String name, Directory target) throws IOException {
        return delegate.link(name, target);
    }

    @Override
    public int links(String name) throws IOException {
        return delegate.links(name);
    }

    @Override
    public void delete(String name) throws IOException {
        delegate.delete(name);
    }

    @Override
    public void force() throws IOException {
        directoryForces.incrementAndGet();
        failIfToldTo();
    }

    @Override
    public DirectoryLock lock(String name) throws IOException {
        return delegate.lock(name);
    }

    @Override
    public List<String> listOthers() throws IOException {
        return delegate.listOthers();
    }

    @Override
    public void requireHeld() throws IOException {
        delegate.requireHeld();
    }

    private void failIfToldTo() throws IOException {
        if (forcesFail) {
            throw new IOException("Input/output error");
        }
    }

    private final class Handle implements FileHandle {

        private final FileHandle handle;

        private Handle(FileHandle handle) {
            this.handle = handle;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return handle.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            long wanted = source.remaining();
            if (freeBytes.getAndUpdate(free -> free < wanted ? free : free - wanted) < wanted) {
                throw NoSpaceException.orSame(new IOException("No space left on device"), path(), wanted);
            }
            handle.write(source, position);
        }

        @Override
        public void force() throws IOException {
            fileForces.incrementAndGet();
            beforeForce.run();
            failIfToldTo();
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
    }
}
