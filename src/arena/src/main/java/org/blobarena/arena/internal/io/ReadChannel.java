package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One descriptor of a file with a count of the reads in flight, so that it is closed between reads and never
 * under one.
 */
final class ReadChannel {

    private static final int CLOSING = 1 << 30;
    private static final int CLOSED = -1;

    private final FileHandle handle;
    private final AtomicInteger state = new AtomicInteger();
    private volatile boolean read;

    ReadChannel(FileHandle handle) {
        this.handle = handle;
    }

    /** Claims the descriptor for one read; false when it is closed or about to be. */
    boolean acquire() {
        int users = state.get();
        while (users >= 0 && users < CLOSING) {
            if (state.compareAndSet(users, users + 1)) {
                if (!read) {
                    read = true;
                }
                return true;
            }
            users = state.get();
        }
        return false;
    }

    FileHandle handle() {
        return handle;
    }

    void release() throws IOException {
        if (state.decrementAndGet() == CLOSING && state.compareAndSet(CLOSING, CLOSED)) {
            handle.close();
        }
    }

    boolean wasReadSinceLastAsked() {
        boolean was = read;
        read = false;
        return was;
    }

    boolean closeIfIdle() throws IOException {
        if (!state.compareAndSet(0, CLOSED)) {
            return false;
        }
        handle.close();
        return true;
    }

    /** Closes now or, when reads are in flight, with the last of them. */
    void close() throws IOException {
        int users = state.get();
        while (users >= 0 && users < CLOSING) {
            if (state.compareAndSet(users, users == 0 ? CLOSED : users + CLOSING)) {
                if (users == 0) {
                    handle.close();
                }
                return;
            }
            users = state.get();
        }
    }
}
