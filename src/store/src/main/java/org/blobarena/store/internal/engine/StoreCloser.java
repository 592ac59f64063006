package org.blobarena.store.internal.engine;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.format.FileNames;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.SmallFiles;
import org.blobarena.store.internal.core.StoreContext;
import org.jspecify.annotations.Nullable;

/** Closes an open store, once, behind the operations in flight. */
public final class StoreCloser {

    private final StoreWrites.Parts parts;
    private final StoreWrites writes;
    private final Closeable lock;
    private final ReentrantLock closing = new ReentrantLock();

    StoreCloser(StoreWrites.Parts parts, StoreWrites writes, Closeable lock) {
        this.parts = parts;
        this.writes = writes;
        this.lock = lock;
    }

    /** A second caller waits as well: when this returns, the store can be opened again. */
    void close() throws IOException {
        OperationGate.requireRoom();
        closing.lock();
        try {
            if (parts.gate().close()) {
                closeParts();
            }
        } finally {
            closing.unlock();
        }
    }

    /**
     * Puts everything on the device and leaves the mark of a clean close, if all of it succeeds. Each step is taken whatever
     * has come of those before: what others have put is written, and the lock given back.
     */
    private void closeParts() throws IOException {
        StoreContext store = parts.store();
        Throwable failure = Failures.after(null, parts.compactor());
        failure = Failures.after(failure, store.reserve()::giveUpIfShort);
        failure = Failures.after(failure, writes);
        failure = Failures.after(failure, parts.writer()::close);
        failure = Failures.after(failure, store.directory()::requireHeld); // Or somebody else's would get the mark.
        failure = failure == null ? Failures.after(null, this::leaveMark) : failure;
        failure = Failures.after(failure, parts.index()); // Again does nothing.
        release(failure);
    }

    private void leaveMark() throws IOException {
        StoreContext store = parts.store();
        long size = parts.index().size();
        var closed = new StoreFigures.ClosedIndex(parts.index().closeForReopening(), size);
        SmallFiles.replace(
                store.directory(),
                FileNames.CLEAN,
                FileNames.CLEAN_UNFINISHED,
                StoreFigures.mark(store, parts.writer().files(), closed).encode());
    }

    /** Lets go of everything as a dying process would: buffers are dropped and no mark is left. For tests. */
    void crash() throws IOException {
        if (parts.gate().close()) {
            parts.compactor().crash();
            Throwable failure = Failures.after(null, parts.writer()::abandon);
            release(Failures.after(failure, parts.index()));
        }
    }

    private void release(@Nullable Throwable earlier) throws IOException {
        Throwable failure = Failures.after(earlier, parts.store().files()::close);
        failure = Failures.after(failure, parts.codec());
        failure = Failures.after(failure, lock);
        if (failure instanceof IOException e) {
            throw Failures.translate(e);
        }
        Failures.rethrow(failure);
    }
}
