package org.blobarena.arena.internal.channel;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Keeps {@code Thread.interrupt()} away from file channels.
 *
 * <p>The JDK closes a channel whose thread is interrupted in the middle of a read, for every user of it. Its
 * own class-path reader avoids that with {@code FileChannelImpl.setUninterruptible()}, which is reachable when
 * the package {@code sun.nio.ch} is open to this library. The store opens it before its first file; an arena
 * used alone asks and, when refused, survives by other descriptors.
 */
public final class Interrupts {

    /** Whether the operations of channels that {@link #open} gives need no other thread. */
    static final boolean SPARE_RUNS_IN_CALLER =
            !System.getProperty("os.name", "").startsWith("Windows");

    private Interrupts() {}

    /**
     * Makes interrupts pass a channel by.
     *
     * @return whether it worked
     */
    static boolean ignoredBy(FileChannel channel) {
        try {
            Method method = channel.getClass().getMethod("setUninterruptible");
            if (!method.trySetAccessible()) {
                return false;
            }
            method.invoke(channel);
            return true;
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }

    /**
     * Opens a channel that no interrupt closes. Where the system allows it, its operations run in the thread that calls
     * them; on Windows, in one of a pool.
     *
     * @param file the file, or, for reading, the directory
     * @param options how
     * @param attributes of a file that is made
     * @return the channel
     * @throws IOException if it cannot be opened
     */
    public static AsynchronousFileChannel open(
            Path file, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return AsynchronousFileChannel.open(
                file, options, SPARE_RUNS_IN_CALLER ? CallerExecutor.INSTANCE : null, attributes);
    }

    /**
     * Waits for an operation of an asynchronous channel, through interrupts, which stay set.
     *
     * @param operation what was begun
     * @return what the operation returns
     * @throws IOException if the operation failed
     */
    public static int await(Future<Integer> operation) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return operation.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw new IOException(String.valueOf(e.getCause()), e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
