package org.blobarena.store.internal.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.arena.internal.io.SmallFiles;
import org.blobarena.format.FileNames;
import org.blobarena.store.internal.compact.Compactor;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.evict.Evictor;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.recovery.OpenedStore;
import org.blobarena.store.internal.write.RecordWriter;
import org.blobarena.store.internal.write.StreamFiles;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What it takes to close a store that nobody uses any more, once. Knows nothing that leads to the gate of the store: who can
 * reach that can use the store still.
 */
final class ClosingSteps implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreCloser.class);

    private final OpenedStore opened;
    private final StoreContext store;
    private final SettledIndex index;
    private final RecordWriter writer;
    private final StreamFiles streamFiles;
    private final BlockCodec codec;
    private final Compactor compactor;
    private final @Nullable Evictor evictor;

    ClosingSteps(OpenedStore opened, EngineContext context) {
        this.opened = opened;
        this.store = context.store();
        this.index = context.index();
        this.writer = context.writer();
        this.streamFiles = context.streamFiles();
        this.codec = context.codec();
        this.compactor = context.compactor();
        this.evictor = context.evictor();
    }

    Path path() {
        return store.directory().path();
    }

    @Override
    public void close() throws IOException {
        if (opened.isTemporary()) {
            discardAll();
        } else {
            closeAll();
        }
    }

    /**
     * Puts everything on the device and leaves the mark of a clean close, if all of it succeeds and the index is whole. Each
     * step is taken whatever has come of those before: what others have put is written, and the lock given back.
     */
    private void closeAll() throws IOException {
        Throwable failure = evictor == null ? null : Failures.after(null, evictor);
        failure = Failures.after(failure, compactor);
        failure = Failures.after(failure, store.reserve()::giveUpIfShort);
        failure = Failures.after(failure, streamFiles::close); // Cuts what streams have not published.
        failure = Failures.after(failure, writer::close);
        failure = Failures.after(failure, store.directory()::requireHeld); // Or somebody else's would get the mark.
        failure = failure == null ? Failures.after(null, this::leaveMark) : failure;
        failure = Failures.after(failure, index); // Again does nothing.
        release(failure);
    }

    /** Writes nothing more of what is deleted with the lock. */
    private void discardAll() throws IOException {
        Throwable failure = Failures.after(null, compactor);
        failure = Failures.after(failure, writer::abandon);
        release(Failures.after(failure, index));
    }

    private void leaveMark() throws IOException {
        long size = index.size();
        if (index.isDamaged()) {
            LOG.warn(
                    "{}: the next opening makes the index anew, since it is damaged",
                    store.directory().path());
            return;
        }
        var closed = new StoreFigures.ClosedIndex(index.closeForReopening(), size);
        SmallFiles.replace(
                store.directory(),
                FileNames.CLEAN,
                FileNames.CLEAN_UNFINISHED,
                StoreFigures.mark(store, writer.files(), closed).encode());
    }

    /** Lets go of everything as a dying process would: buffers are dropped and no mark is left. For tests. */
    void crash() throws IOException {
        if (evictor != null) {
            evictor.crash();
        }
        compactor.crash();
        Throwable failure = Failures.after(null, writer::abandon);
        release(Failures.after(failure, index));
    }

    private void release(@Nullable Throwable earlier) throws IOException {
        Throwable failure = Failures.after(earlier, store.files()::close);
        failure = Failures.after(failure, codec);
        failure = Failures.after(failure, opened.lock());
        if (failure instanceof IOException e) {
            throw Failures.translate(e);
        }
        Failures.rethrow(failure);
    }
}
