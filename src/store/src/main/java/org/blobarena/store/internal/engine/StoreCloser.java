package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.format.FileNames;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.SmallFiles;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.evict.Evictor;
import org.blobarena.store.internal.recovery.OpenedStore;
import org.jspecify.annotations.Nullable;

/** Closes an open store, once, behind the operations in flight. */
public final class StoreCloser {

    private final EngineContext context;
    private final StoreWrites writes;
    private final OpenedStore opened;
    private final ReentrantLock closing = new ReentrantLock();

    StoreCloser(EngineContext context, StoreWrites writes, OpenedStore opened) {
        this.context = context;
        this.writes = writes;
        this.opened = opened;
    }

    /** A second caller waits as well: when this returns, the store can be opened again. */
    void close() throws IOException {
        OperationGate.requireRoom();
        closing.lock();
        try {
            if (context.gate().close()) {
                if (opened.isTemporary()) {
                    discardAll();
                } else {
                    closeAll();
                }
            }
        } finally {
            closing.unlock();
        }
    }

    /**
     * Puts everything on the device and leaves the mark of a clean close, if all of it succeeds. Each step is taken whatever
     * has come of those before: what others have put is written, and the lock given back.
     */
    private void closeAll() throws IOException {
        StoreContext store = context.store();
        Evictor evictor = context.evictor();
        Throwable failure = evictor == null ? null : Failures.after(null, evictor);
        failure = Failures.after(failure, context.compactor());
        failure = Failures.after(failure, store.reserve()::giveUpIfShort);
        failure = Failures.after(failure, writes);
        failure = Failures.after(failure, context.writer()::close);
        failure = Failures.after(failure, store.directory()::requireHeld); // Or somebody else's would get the mark.
        failure = failure == null ? Failures.after(null, this::leaveMark) : failure;
        failure = Failures.after(failure, context.index()); // Again does nothing.
        release(failure);
    }

    /** Writes nothing more of what is deleted with the lock. */
    private void discardAll() throws IOException {
        Throwable failure = Failures.after(null, context.compactor());
        failure = Failures.after(failure, context.writer()::abandon);
        release(Failures.after(failure, context.index()));
    }

    private void leaveMark() throws IOException {
        StoreContext store = context.store();
        long size = context.index().size();
        var closed = new StoreFigures.ClosedIndex(context.index().closeForReopening(), size);
        SmallFiles.replace(
                store.directory(),
                FileNames.CLEAN,
                FileNames.CLEAN_UNFINISHED,
                StoreFigures.mark(store, context.writer().files(), closed).encode());
    }

    /** Lets go of everything as a dying process would: buffers are dropped and no mark is left. For tests. */
    void crash() throws IOException {
        if (context.gate().close()) {
            if (context.evictor() != null) {
                context.evictor().crash();
            }
            context.compactor().crash();
            Throwable failure = Failures.after(null, context.writer()::abandon);
            release(Failures.after(failure, context.index()));
        }
    }

    private void release(@Nullable Throwable earlier) throws IOException {
        Throwable failure = Failures.after(earlier, context.store().files()::close);
        failure = Failures.after(failure, context.codec());
        failure = Failures.after(failure, opened.lock());
        if (failure instanceof IOException e) {
            throw Failures.translate(e);
        }
        Failures.rethrow(failure);
    }
}
