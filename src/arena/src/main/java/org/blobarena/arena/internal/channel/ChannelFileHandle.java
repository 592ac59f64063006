package org.blobarena.arena.internal.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousFileChannel;
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
 * name. One open for writing may have lost its name, or its name may be another file's by now, so it is used through
 * an {@link AsynchronousFileChannel} from the start, the guard, whose operations no interrupt reaches. Where those run in the
 * calling thread (see {@link Interrupts#open}) they take as long as the channel's, and it is the only descriptor. Elsewhere the
 * channel is used until an interrupt closes it. Forces go to the guard in any case. In the
 * channel, an interrupt would hide the device's error, and the repetition would succeed, because the system
 * reports an error once.
 */
public final class ChannelFileHandle implements FileHandle {

    private final Path path;
    private final boolean ignoresInterrupts;
    private final @Nullable AsynchronousFileChannel guard;
    private final Opener<FileChannel> opener;
    private volatile FileChannel channel;
    private volatile boolean closed;

    private ChannelFileHandle(
            Path path,
            FileChannel channel,
            boolean ignoresInterrupts,
            @Nullable AsynchronousFileChannel guard,
            Opener<FileChannel> opener) {
        this.path = path;
        this.channel = channel;
        this.ignoresInterrupts = ignoresInterrupts;
        this.guard = guard;
        this.opener = opener;
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
        return new ChannelFileHandle(path, channel, Interrupts.ignoredBy(channel), null, opener);
    }

    /**
     * Returns a handle on a channel that is open for reading and writing, at a file that still has its name.
     *
     * @param path of the file, for messages
     * @param channel the channel, the handle's from now on
     * @param guardOpener opens a second descriptor of it
     * @return a handle
     * @throws IOException if it cannot be guarded; the channel is then closed
     */
    public static ChannelFileHandle forWriting(
            Path path, FileChannel channel, Opener<AsynchronousFileChannel> guardOpener) throws IOException {
        Opener<FileChannel> never = () -> {
            throw new ClosedChannelException();
        };
        if (Interrupts.ignoredBy(channel)) {
            return new ChannelFileHandle(path, channel, true, null, never);
        }
        boolean guarded = false;
        try {
            AsynchronousFileChannel guard = guardOpener.open();
            if (Interrupts.SPARE_RUNS_IN_CALLER) {
                channel.close(); // The guard is as fast, and one descriptor is enough.
            }
            guarded = true;
            return new ChannelFileHandle(path, channel, false, guard, never);
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

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int start = target.position();
        if (ignoresInterrupts) {
            fill(channel, target, position); // Spelled out, since a lambda here would be garbage for every read.
            requireOpen();
        } else {
            run(
                    current -> fill(current, target, position + target.position() - start),
                    spare -> fillGuarded(spare, target, position + target.position() - start));
        }
        return target.position() - start;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        int start = source.position();
        try {
            run(
                    current -> drain(current, source, position + source.position() - start),
                    spare -> drainGuarded(spare, source, position + source.position() - start));
        } catch (IOException e) {
            throw NoSpaceException.translate(e, path, source.remaining());
        }
    }

    @Override
    public void force() throws IOException {
        if (guard != null) {
            guard.force(false);
        } else {
            run(current -> {
                current.force(false);
                return 0;
            });
        }
    }

    @Override
    public long size() throws IOException {
        return guard != null ? guard.size() : run(FileChannel::size);
    }

    @Override
    public void truncate(long size) throws IOException {
        if (guard != null) {
            guard.truncate(size);
        } else {
            run(current -> {
                current.truncate(size);
                return 0;
            });
        }
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
    private long run(Operation<FileChannel> operation) throws IOException {
        return run(operation, spare -> {
            throw new ClosedChannelException();
        });
    }

    private long run(Operation<FileChannel> operation, Operation<AsynchronousFileChannel> fallback) throws IOException {
        if (ignoresInterrupts) {
            long result = operation.apply(channel);
            requireOpen();
            return result;
        }
        boolean interrupted = false;
        try {
            while (true) {
                FileChannel current = channel;
                if (guard != null && !current.isOpen() && !closed) {
                    return fallback.apply(guard);
                }
                interrupted |= Thread.interrupted();
                try {
                    return operation.apply(current);
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

    private static long fill(FileChannel file, ByteBuffer target, long position) throws IOException {
        long next = position;
        while (target.hasRemaining()) {
            int count = file.read(target, next);
            if (count < 0) {
                break;
            }
            next += count;
        }
        return next;
    }

    private static long fillGuarded(AsynchronousFileChannel file, ByteBuffer target, long position) throws IOException {
        long next = position;
        while (target.hasRemaining()) {
            int count = Interrupts.await(file.read(target, next));
            if (count < 0) {
                break;
            }
            next += count;
        }
        return next;
    }

    private static long drain(FileChannel file, ByteBuffer source, long position) throws IOException {
        long next = position;
        while (source.hasRemaining()) {
            next += file.write(source, next);
        }
        return next;
    }

    private static long drainGuarded(AsynchronousFileChannel file, ByteBuffer source, long position)
            throws IOException {
        long next = position;
        while (source.hasRemaining()) {
            next += Interrupts.await(file.write(source, next));
        }
        return next;
    }

    @FunctionalInterface
    private interface Operation<T> {
        long apply(T file) throws IOException;
    }
}
