package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A directory on a device that fails when told to, for all files opened through it. Safe from any thread.
 *
 * <p>A write that meets a full device writes what still fits and then fails, as devices do.
 */
public final class FailingDirectory extends ForwardingDirectory {

    private static final int UNREADABLE_FROM = 100_000;
    private static final int UNREADABLE_TO = 600_000;

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
        super(delegate);
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
    public FileHandle create(String name) throws IOException {
        if (createsFail) {
            throw noSpace(name, 1);
        }
        return new FailingHandle(super.create(name));
    }

    @Override
    public FileHandle openRead(String name) throws IOException {
        return new FailingHandle(super.openRead(name));
    }

    @Override
    public FileHandle openWrite(String name) throws IOException {
        return new FailingHandle(super.openWrite(name));
    }

    @Override
    public void delete(String name) throws IOException {
        long size = super.list().contains(name) ? size(name) : 0;
        super.delete(name);
        giveBack(size);
    }

    @Override
    public void force() throws IOException {
        if (forcesFail) {
            throw new IOException("Input/output error");
        }
        super.force();
    }

    @Override
    public long usableBytes() {
        return freeBytes.get();
    }

    private void giveBack(long bytes) {
        freeBytes.getAndUpdate(free -> free == Long.MAX_VALUE ? free : free + bytes);
    }

    private long size(String name) throws IOException {
        try (FileHandle file = super.openRead(name)) {
            return file.size();
        }
    }

    private NoSpaceException noSpace(String name, long neededBytes) {
        return new NoSpaceException(path().resolve(name), new NoSpaceException.Space(neededBytes, freeBytes.get()));
    }

    private final class FailingHandle extends ForwardingFileHandle {

        private boolean open = true;

        private FailingHandle(FileHandle handle) {
            super(handle);
            openHandles.incrementAndGet();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            if (position + target.remaining() > UNREADABLE_FROM
                    && position < UNREADABLE_TO
                    && toString().endsWith(unreadable)
                    && !unreadable.isEmpty()) {
                throw new IOException("Input/output error");
            }
            return super.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            writes.incrementAndGet();
            beforeWrite.run();
            int wanted = source.remaining();
            int taken = (int) Math.min(wanted, freeBytes.getAndUpdate(free -> Math.max(0, free - wanted)));
            int limit = source.limit();
            super.write(source.limit(source.position() + taken), position);
            source.limit(limit);
            if (taken < wanted) {
                throw noSpace(toString(), wanted - taken);
            }
        }

        @Override
        public void force() throws IOException {
            forces.incrementAndGet();
            beforeForce.run();
            if (forcesFail) {
                throw new IOException("Input/output error");
            }
            super.force();
        }

        @Override
        public void truncate(long size) throws IOException {
            if (truncatesFail) {
                throw new IOException("Input/output error");
            }
            long cut = Math.max(0, size() - size);
            super.truncate(size);
            giveBack(cut);
        }

        @Override
        public synchronized void close() throws IOException {
            super.close();
            if (open) {
                open = false;
                openHandles.decrementAndGet();
                if (closesFail) {
                    throw new IOException("Input/output error");
                }
            }
        }
    }
}
