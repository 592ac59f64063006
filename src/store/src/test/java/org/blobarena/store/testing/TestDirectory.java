package org.blobarena.store.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.ForwardingDirectory;
import org.blobarena.arena.internal.io.ForwardingFileHandle;
import org.blobarena.arena.internal.io.NoSpaceException;

/**
 * A directory that forces nothing but counts, runs out of space, and fails when told to. Safe from any thread.
 *
 * <p>A write that meets a full device writes nothing of what it was given.
 */
public final class TestDirectory extends ForwardingDirectory {

    private final AtomicLong freeBytes = new AtomicLong(Long.MAX_VALUE);
    private final AtomicInteger fileForces = new AtomicInteger();
    private final AtomicInteger directoryForces = new AtomicInteger();
    private volatile boolean forcesFail;
    private volatile Runnable beforeForce = () -> {};

    public TestDirectory(Directory delegate) {
        super(delegate);
    }

    public void setFreeBytes(long bytes) {
        freeBytes.set(bytes);
    }

    public void freeSpace() {
        freeBytes.set(Long.MAX_VALUE);
    }

    public void setForcesFail(boolean fail) {
        forcesFail = fail;
    }

    /** Runs in the forcing thread before each force of a file. */
    public void setBeforeForce(Runnable action) {
        beforeForce = action;
    }

    public int fileForces() {
        return fileForces.get();
    }

    public int directoryForces() {
        return directoryForces.get();
    }

    @Override
    public FileHandle create(String name) throws IOException {
        return new Handle(super.create(name));
    }

    @Override
    public FileHandle openWrite(String name) throws IOException {
        return new Handle(super.openWrite(name));
    }

    @Override
    public void force() throws IOException {
        directoryForces.incrementAndGet();
        failIfToldTo();
    }

    private void failIfToldTo() throws IOException {
        if (forcesFail) {
            throw new IOException("Input/output error");
        }
    }

    private final class Handle extends ForwardingFileHandle {

        private Handle(FileHandle handle) {
            super(handle);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            long wanted = source.remaining();
            if (freeBytes.getAndUpdate(free -> free < wanted ? free : free - wanted) < wanted) {
                throw NoSpaceException.translate(new IOException("No space left on device"), path(), wanted);
            }
            super.write(source, position);
        }

        @Override
        public void force() throws IOException {
            fileForces.incrementAndGet();
            beforeForce.run();
            failIfToldTo();
        }
    }
}
