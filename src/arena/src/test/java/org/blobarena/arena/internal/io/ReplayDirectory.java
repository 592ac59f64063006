package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a process sees that reads a directory while another changes it, as a {@link FaultyDirectory} has logged: before each
 * step of the reader the writer goes on by some changes, or by a part of a write. A reader that changes anything is the
 * test's failure. For one thread.
 */
public final class ReplayDirectory implements Directory {

    private static final Path PATH = Path.of("simulated");
    private static final int STAY_ONE_IN = 3;

    private final FaultyDirectory recorded;
    private final SimulatedDevice device;
    private final int changesMax;
    private final SplittableRandom random;
    private final int changesPerStepMax;
    private int changes;
    private int partBytes;
    private int openHandles;

    /**
     * A directory before the first change.
     *
     * @param changesPerStepMax how many changes the writer makes at most between two steps of the reader
     */
    public ReplayDirectory(FaultyDirectory recorded, int changesPerStepMax, SplittableRandom random) {
        this.recorded = recorded;
        this.device = recorded.device();
        this.changesMax = recorded.changes();
        this.changesPerStepMax = changesPerStepMax;
        this.random = random;
    }

    /** How many changes were made so far. */
    public int changes() {
        return changes;
    }

    /** Whether the writer has made its last change. */
    public boolean isAtEnd() {
        return changes == changesMax;
    }

    /** How many of the handles that were opened are not closed. */
    public int openHandles() {
        return openHandles;
    }

    /** The writer makes so many changes. */
    public void advance(int count) {
        for (int i = 0; i < count && changes < changesMax; i++) {
            recorded.advance(device, changes++);
            partBytes = 0;
        }
    }

    private void step() {
        if (random.nextInt(STAY_ONE_IN) > 0) {
            advance(random.nextInt(changesPerStepMax + 1));
            if (!isAtEnd() && recorded.writeBytes(changes) > partBytes && random.nextBoolean()) {
                partBytes = random.nextInt(partBytes, recorded.writeBytes(changes));
            }
        }
    }

    /** The bytes of a file as they are now, with the part that was written of the next change. */
    private byte[] bytes(int file) {
        if (partBytes > 0) {
            DeviceOperation.Write write = recorded.write(changes);
            if (write != null && write.file() == file) {
                return device.cachedBytesIn(write, partBytes);
            }
        }
        return device.cachedBytes(file);
    }

    @Override
    public Path path() {
        return PATH;
    }

    @Override
    public List<String> list() {
        step();
        return List.copyOf(device.cachedNames().keySet());
    }

    @Override
    public FileHandle openRead(String name) throws IOException {
        step();
        Integer file = device.cachedNames().get(name);
        if (file == null) {
            throw new NoSuchFileException(name);
        }
        return new Handle(file);
    }

    @Override
    public FileHandle create(String name) {
        throw changed();
    }

    @Override
    public FileHandle openWrite(String name) {
        throw changed();
    }

    @Override
    public void rename(String from, String to) {
        throw changed();
    }

    @Override
    public int links(String name) {
        return 1;
    }

    @Override
    public void delete(String name) {
        throw changed();
    }

    @Override
    public void force() {
        throw changed();
    }

    @Override
    public DirectoryLock lock(String signedName) {
        throw changed();
    }

    private static AssertionError changed() {
        return new AssertionError("a reader changes the directory");
    }

    private final class Handle implements FileHandle {

        private final int file;
        private boolean closed;

        Handle(int file) {
            this.file = file;
            openHandles++;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            requireOpen();
            step();
            byte[] bytes = bytes(file);
            int count = (int) Math.max(0, Math.min(target.remaining(), bytes.length - position));
            target.put(bytes, (int) Math.min(position, bytes.length), count);
            return count;
        }

        @Override
        public long size() throws IOException {
            requireOpen();
            step();
            return bytes(file).length;
        }

        @Override
        public void write(ByteBuffer source, long position) {
            throw changed();
        }

        @Override
        public void force() {
            throw changed();
        }

        @Override
        public void truncate(long size) {
            throw changed();
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                openHandles--;
            }
        }

        private void requireOpen() throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
        }
    }
}
