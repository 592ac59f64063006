package org.blobarena.arena.internal.channel;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.jspecify.annotations.Nullable;

/**
 * A file handle on a {@link FileChannel} that interrupts cannot close.
 *
 * <p>Where the channel cannot be told to ignore interrupts, an operation on one that an interrupt has closed is
 * repeated elsewhere, which positional reads and writes allow. A file open for reading is opened again by its
 * name. One that may have lost its name, or whose name may be another file's by now, is used through an {@link
 * AsynchronousFileChannel} from the start, the guard, whose operations no interrupt reaches. Where those run in the
 * calling thread (see {@link Interrupts#open}) they take as long as the channel's, and it is the only descriptor. Elsewhere the
 * channel is used until an interrupt closes it. Forces go to the guard in any case. In the
 * channel, an interrupt would hide the device's error, and the repetition would succeed, because the system
 * reports an error once.
 */
public final class ChannelFileHandle implements FileHandle {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Path path;
    private final boolean ignoresInterrupts;
    private final @Nullable AsynchronousFileChannel guard;
    private final Opener<FileChannel> opener;
    private final Condition beforeForce;
    private volatile FileChannel channel;
    private volatile boolean closed;

    private ChannelFileHandle(
            Path path,
            FileChannel channel,
            boolean ignoresInterrupts,
            @Nullable AsynchronousFileChannel guard,
            Opener<FileChannel> opener,
            Condition beforeForce) {
        this.path = path;
        this.channel = channel;
        this.ignoresInterrupts = ignoresInterrupts;
        this.guard = guard;
        this.opener = opener;
        this.beforeForce = beforeForce;
    }

    /**
     * Returns a handle on a file that is opened for reading only.
     *
     * @param path of the file, for messages
     * @param opener opens it, and again after an interrupt
     * @return a handle that refuses writes
     * @throws IOException if it cannot be opened
     */
    public static ChannelFileHandle forReading(Path path, Opener<FileChannel> opener) throws IOException {
        FileChannel channel = opener.open();
        return new ChannelFileHandle(path, channel, Interrupts.ignoredBy(channel), null, opener, () -> {});
    }

    /**
     * Returns a handle on a channel at a file that still has its name, and may lose it: one that is written, or is to be read
     * to the end.
     *
     * @param path of the file, for messages
     * @param channel the channel, the handle's from now on
     * @param opener opens a descriptor of it to map it with
     * @param guardOpener opens a second descriptor of it
     * @param beforeForce what must hold before each force: what is forced counts for good
     * @return a handle
     * @throws IOException if it cannot be guarded; the channel is then closed
     */
    public static ChannelFileHandle guarded(
            Path path,
            FileChannel channel,
            Opener<FileChannel> opener,
            Opener<AsynchronousFileChannel> guardOpener,
            Condition beforeForce)
            throws IOException {
        if (Interrupts.ignoredBy(channel)) {
            return new ChannelFileHandle(path, channel, true, null, opener, beforeForce);
        }
        boolean guarded = false;
        try {
            AsynchronousFileChannel guard = guardOpener.open();
            if (Interrupts.SPARE_RUNS_IN_CALLER) {
                channel.close(); // The guard is as fast, and one descriptor is enough.
            }
            guarded = true;
            return new ChannelFileHandle(path, channel, false, guard, opener, beforeForce);
        } finally {
            if (!guarded) {
                channel.close();
            }
        }
    }

    /**
     * Opens a file by its name.
     *
     * @param <T> the channels
     */
    @FunctionalInterface
    public interface Opener<T> {

        /**
         * Opens the file.
         *
         * @return a channel of its own
         * @throws IOException if it cannot be opened
         */
        T open() throws IOException;
    }

    /** What must hold. */
    @FunctionalInterface
    public interface Condition {

        /**
         * Returns when it holds.
         *
         * @throws IOException if it does not, or cannot be found out
         */
        void require() throws IOException;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int start = target.position();
        run(ChannelFileHandle::fill, ChannelFileHandle::fillGuarded, target, position - start);
        return target.position() - start;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        try {
            run(ChannelFileHandle::drain, ChannelFileHandle::drainGuarded, source, position - source.position());
        } catch (IOException e) {
            throw NoSpaceException.translate(e, path, source.remaining());
        }
    }

    @Override
    public void force() throws IOException {
        beforeForce.require();
        if (guard != null) {
            guard.force(false);
        } else {
            run((file, buffer, number) -> file.force(false), 0);
        }
    }

    @Override
    public long size() throws IOException {
        if (guard != null) {
            return guard.size();
        }
        if (ignoresInterrupts) {
            long size = channel.size();
            requireOpen();
            return size;
        }
        long[] size = new long[1];
        run((file, buffer, number) -> size[0] = file.size(), 0);
        return size[0];
    }

    @Override
    public void truncate(long size) throws IOException {
        if (guard != null) {
            guard.truncate(size);
        } else {
            run((file, buffer, number) -> file.truncate(number), size);
        }
    }

    /** An asynchronous channel cannot map, so one is opened that can, which an interrupt may close. */
    @Override
    public MappedByteBuffer map(long position, int bytes) throws IOException {
        if (ignoresInterrupts) {
            return map(channel, position, bytes);
        }
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try (FileChannel fresh = opener.open()) {
                    return map(fresh, position, bytes);
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private MappedByteBuffer map(FileChannel file, long position, int bytes) throws IOException {
        if (file.size() < position + bytes) { // Mapping would make it longer, without space on the device.
            throw new EOFException(
                    path + " has " + file.size() + " bytes; expected " + bytes + " to map at " + position);
        }
        return file.map(FileChannel.MapMode.READ_WRITE, position, bytes);
    }

    @Override
    public void close() throws IOException {
        try {
            synchronized (this) {
                closed = true;
                channel.close();
            }
        } finally {
            if (guard != null) {
                guard.close();
            }
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    /** On the channel alone: of a file open for reading, or of one that ignores interrupts. */
    private void run(Operation<FileChannel> operation, long number) throws IOException {
        Operation<AsynchronousFileChannel> none = (spare, buffer, unused) -> {
            throw new ClosedChannelException();
        };
        run(operation, none, NOTHING, number);
    }

    /** What varies is handed over with the operation, which would be garbage for every read if it had that itself. */
    private void run(
            Operation<FileChannel> operation,
            Operation<AsynchronousFileChannel> fallback,
            ByteBuffer buffer,
            long number)
            throws IOException {
        if (ignoresInterrupts) {
            operation.apply(channel, buffer, number);
            requireOpen();
            return;
        }
        boolean interrupted = false;
        try {
            while (true) {
                FileChannel current = channel;
                if (guard != null && !current.isOpen() && !closed) {
                    fallback.apply(guard, buffer, number);
                    return;
                }
                interrupted |= Thread.interrupted();
                try {
                    operation.apply(current, buffer, number);
                    return;
                } catch (ClosedChannelException e) {
                    if (closed) {
                        throw e;
                    }
                    if (guard == null) {
                        reopen();
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A channel that ignores interrupts returns as if it was done, or at the end, when it is closed meanwhile. */
    private void requireOpen() throws IOException {
        if (closed) {
            throw new AsynchronousCloseException();
        }
    }

    private synchronized void reopen() throws IOException {
        if (!closed && !channel.isOpen()) {
            channel = opener.open();
        }
    }

    /** @param base where in the file the first byte of the whole buffer stands; so it is where the rest goes on */
    private static void fill(FileChannel file, ByteBuffer target, long base) throws IOException {
        while (target.hasRemaining()) {
            if (file.read(target, base + target.position()) < 0) {
                break;
            }
        }
    }

    private static void fillGuarded(AsynchronousFileChannel file, ByteBuffer target, long base) throws IOException {
        while (target.hasRemaining()) {
            if (Interrupts.await(file.read(target, base + target.position())) < 0) {
                break;
            }
        }
    }

    private static void drain(FileChannel file, ByteBuffer source, long base) throws IOException {
        while (source.hasRemaining()) {
            file.write(source, base + source.position());
        }
    }

    private static void drainGuarded(AsynchronousFileChannel file, ByteBuffer source, long base) throws IOException {
        while (source.hasRemaining()) {
            Interrupts.await(file.write(source, base + source.position()));
        }
    }

    /**
     * What is done on a channel.
     *
     * @param <T> the channel
     */
    @FunctionalInterface
    private interface Operation<T> {
        void apply(T file, ByteBuffer buffer, long number) throws IOException;
    }
}
