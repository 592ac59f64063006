package org.blobarena.arena.io;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.channels.FileChannel;
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
final class Interrupts {

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
     * Waits for an operation of an asynchronous channel, through interrupts, which stay set.
     *
     * @return what the operation returns
     * @throws IOException if the operation failed
     */
    static int await(Future<Integer> operation) throws IOException {
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
