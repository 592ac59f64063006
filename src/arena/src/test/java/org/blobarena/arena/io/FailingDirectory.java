package org.blobarena.arena.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A directory on a device that fails when told to, for all files opened through it. Safe from any thread.
 *
 * <p>A write that meets a full device writes what still fits and then fails, as devices do.
 */
public final class FailingDirectory implements Directory {

    private static final int UNREADABLE_FROM = 100_000;
    private static final int UNREADABLE_TO = 600_000;

    private final Directory delegate;
    private final AtomicLong freeBytes = new AtomicLong(Long.MAX_VALUE);
    private final AtomicInteger openHandles = new AtomicInteger();
    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicInteger forces = new AtomicInteger();
    private volatile boolean createsFail;
    private volatile boolean forcesFail;
    private volatile boolean truncatesFail;
    private volatile boolean closesFail;
    private volatile String unreadable = "";
    private volatile Runnable beforeWrite = () -> {};
    private volatile Runnable beforeForce = () -> {};

    public FailingDirectory(Directory delegate) {
        this.delegate = delegate;
    }

    /** From now on the device takes this many bytes and not one more. */
    public void setFreeBytes(long bytes) {
        freeBytes.set(bytes);
    }

    /** The device takes everything again. */
    public void freeSpace() {
        freeBytes.set(Long.MAX_VALUE);
    }

    public void setCreatesFail(boolean fail) {
        createsFail = fail;
    }

    public void setForcesFail(boolean fail) {
        forcesFail = fail;
    }

    public void setTruncatesFail(boolean fail) {
        truncatesFail = fail;
    }

    /** From now on one file cannot be read from somewhere in its first half megabyte. */
    public void setUnreadable(String name) {
        unreadable = name;
    }

    /** Handles are closed all the same, and then report an error. */
    public void setClosesFail(boolean fail) {
        closesFail = fail;
    }

    /** Runs in the writing thread before each write, and may block it. */
    public void setBeforeWrite(Runnable action) {
        beforeWrite = action;
    }

    /** Runs in the forcing thread before each force of a file, and may block it. */
    public void setBeforeForce(Runnable action) {
        beforeForce = action;
    }

    /** Handles that are not closed yet. */
    public int openHandles() {
        return openHandles.get();
    }

    /** Writes so far, failed ones too. */
    public int writes() {
        return writes.get();
    }

    /** Forces of files so far, failed ones too. */
    public int forces() {
        return forces.get();
    }

    @Override
    public Path path() {
        return delegate.path();
    }

    @Override
    public FileHandle create(String name) throws IOException {
        if (createsFail) {
            throw noSpace(name, 1);
        }
        return new FailingHandle(delegate.create(name));
    }

    @Override
    public FileHandle openRead(String name) throws IOException {
        return new FailingHandle(delegate.openRead(name));
    }

    @Override
    public FileHandle openWrite(String name) throws IOException {
        return new FailingHandle(delegate.openWrite(name));
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
    public int links(String name) throws IOException {
        return delegate.links(name);
    }

    @Override
    public void delete(String name) throws IOException {
        long size = delegate.list().contains(name) ? size(name) : 0;
        delegate.delete(name);
        giveBack(size);
    }

    @Override
    public void force() throws IOException {
        if (forcesFail) {
            throw new IOException("Input/output error");
        }
        delegate.force();
    }

    @Override
    public long usableBytes() {
        return freeBytes.get();
    }

    private void giveBack(long bytes) {
        freeBytes.getAndUpdate(free -> free == Long.MAX_VALUE ? free : free + bytes);
    }

    private long size(String name) throws IOException {
        try (FileHandle file = delegate.openRead(name)) {
            return file.size();
        }
    }

    private NoSpaceException noSpace(String name, long neededBytes) {
        return new NoSpaceException(path().resolve(name), new NoSpaceException.Space(neededBytes, freeBytes.get()));
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

    private final class FailingHandle implements FileHandle {

        private final FileHandle handle;
        private boolean open = true;

        private FailingHandle(FileHandle handle) {
            this.handle = handle;
            openHandles.incrementAndGet();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            if (position >= UNREADABLE_FROM
                    && position < UNREADABLE_TO
                    && handle.toString().endsWith(unreadable)
                    && !unreadable.isEmpty()) {
                throw new IOException("Input/output error");
            }
            return handle.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            writes.incrementAndGet();
            beforeWrite.run();
            int wanted = source.remaining();
            int taken = (int) Math.min(wanted, freeBytes.getAndUpdate(free -> Math.max(0, free - wanted)));
            int limit = source.limit();
            handle.write(source.limit(source.position() + taken), position);
            source.limit(limit);
            if (taken < wanted) {
                throw noSpace(handle.toString(), wanted - taken);
            }
        }

        @Override
        public void force() throws IOException {
            forces.incrementAndGet();
            beforeForce.run();
            if (forcesFail) {
                throw new IOException("Input/output error");
            }
            handle.force();
        }

        @Override
        public long size() throws IOException {
            return handle.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            if (truncatesFail) {
                throw new IOException("Input/output error");
            }
            long cut = Math.max(0, handle.size() - size);
            handle.truncate(size);
            giveBack(cut);
        }

        @Override
        public synchronized void close() throws IOException {
            handle.close();
            if (open) {
                open = false;
                openHandles.decrementAndGet();
                if (closesFail) {
                    throw new IOException("Input/output error");
                }
            }
        }

        @Override
        public String toString() {
            return handle.toString();
        }
    }
}
