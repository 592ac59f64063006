package org.blobarena.store.internal.write;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.watch.Recordings;
import org.blobarena.store.internal.watch.SealEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals files that are rolled, and ends all of them at the close of a store.
 *
 * <p>A thread of the store's does it, so that no writer waits for the force of a whole file as long as that thread keeps
 * up. A writer that needs another file while too many wait (see {@link UnsealedFiles#mayBegin}) seals the first of them
 * itself. A file that could not be sealed keeps no other from it,
 * and is tried again at the next roll and at close, and else by recovery; it is readable all the time.
 *
 * <p><b>Concurrency.</b> Safe from any thread. One lock is held for as long as one file is sealed; the lock of {@link
 * UnsealedFiles} is taken within it, and not held while anything is forced.
 */
public final class FileSealer {

    private static final Logger LOG = LoggerFactory.getLogger(FileSealer.class);

    private final StoreContext store;
    private final UnsealedFiles files;

    /** Fair, so that a writer waits for one file only. */
    private final ReentrantLock sealing = new ReentrantLock(true);

    private final Runnable task = this::sealRolledInBackground;
    private volatile Runnable listener = () -> {};

    FileSealer(StoreContext store, UnsealedFiles files) {
        this.store = store;
        this.files = files;
        if (!files.waiting().isEmpty()) {
            sealLater();
        }
    }

    /** @param sealed run whenever a file has been sealed */
    public void setListener(Runnable sealed) {
        listener = sealed;
    }

    /**
     * Lets the background seal what is rolled. Where that fails for want of memory, the next roll asks again; and who
     * begins a file looks for himself.
     */
    void sealLater() {
        boolean unused = store.background().tryExecute(task);
    }

    private void sealRolledInBackground() {
        try {
            sealRolled();
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn(
                    "{}: an arena file could not be sealed yet",
                    store.directory().path(),
                    e);
        }
    }

    /**
     * Seals every file that is rolled.
     *
     * @throws IOException if one could not be sealed; the others are
     */
    public void sealRolled() throws IOException {
        sealRolledUntil(() -> files.waiting().isEmpty());
    }

    /**
     * Seals every file that is rolled, if one of them was begun before a sequence number.
     *
     * @throws IOException if one could not be sealed; the others are
     */
    public void sealRolledBefore(long sequence) throws IOException {
        if (files.waiting().stream().anyMatch(file -> file.file().origin().creationSequence() < sequence)) {
            sealRolled();
        }
    }

    /**
     * Returns when few enough files wait for being sealed to begin another. To be called with no lock held.
     *
     * @throws IOException if too many cannot be sealed
     */
    void awaitRoom() throws IOException {
        sealRolledUntil(files::mayBegin);
    }

    /**
     * Returns when the file is sealed, if any, that is being sealed now. With that a file system with a journal has put all names
     * on the device that had changed before, and who forces the directory next has little to wait for.
     */
    public void awaitPresent() {
        sealing.lock();
        try {
            assert sealing.isHeldByCurrentThread();
        } finally {
            sealing.unlock();
        }
    }

    private void sealRolledUntil(BooleanSupplier enough) throws IOException {
        IOException failure = null;
        for (ActiveFile file : files.all()) {
            sealing.lock();
            try {
                store.refusal().require();
                if (enough.getAsBoolean()) {
                    return;
                }
                if (files.waiting()
                        .contains(file)) { // Else another thread has sealed it meanwhile, or it is not rolled.
                    seal(file);
                }
            } catch (WritesRefusedException e) {
                throw e;
            } catch (IOException e) {
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            } finally {
                sealing.unlock();
            }
        }
        if (failure != null && !enough.getAsBoolean()) {
            throw failure;
        }
    }

    /** Seals an output of compaction for its owner, or a rolled file with the lock of sealing held. */
    public void seal(ActiveFile file) throws IOException {
        SealEvent event = Recordings.mayRun() ? SealEvent.begun() : null;
        file.seal(files.lock());
        if (event != null) {
            event.file = file.file().name();
            event.bytes = file.writer().length();
            event.ended(store.directory().path());
        }
        file.file().markSealed();
        files.remove(file);
        try {
            file.writer().finish();
        } catch (IOException e) {
            // All of it is on the device, and it can be read.
            LOG.warn("{}: an arena file was sealed, but could not be closed", file.file(), e);
        }
        listener.run();
    }

    private void writeIndexBlock(ActiveFile file) throws IOException {
        files.lock().lock();
        try {
            file.writeIndexBlock();
        } finally {
            files.lock().unlock();
        }
    }

    /**
     * Ends all files, when nobody writes any more. The last gets an index block, not a footer, so that the next opening
     * goes on with it; others are sealed, and everything is forced.
     *
     * @throws IOException if not all is on the device; the files are closed all the same
     */
    void close() throws IOException {
        Throwable met = Failures.after(null, store.refusal()::require);
        if (met == null) {
            met = Failures.after(null, store.recovered()::prove);
            met = Failures.after(met, this::endActive);
            met = Failures.after(met, this::sealRolled);
        }
        for (ActiveFile file : files.all()) {
            met = Failures.after(met, () -> end(file));
        }
        Failures.rethrow(met);
    }

    /** Closes all files without a promise. */
    void abandon() throws IOException {
        Throwable met = null;
        for (ActiveFile file : files.all()) {
            met = Failures.after(met, file.writer());
        }
        Failures.rethrow(met);
    }

    /**
     * Sees to it that the last file itself says that all its records are on the device, by the index block that ends it
     * or, where there is nothing to list, by a footer: the mark that says so too is removed by the next opening.
     */
    private void endActive() throws IOException {
        ActiveFile last = files.endStreamFiles();
        if (last != null) {
            last.force();
            writeIndexBlock(last);
            if (!last.isVouchedFor()) {
                files.rollActive();
            }
        }
    }

    /** Also where writes are refused: what others have put must not get lost for what another file has met. */
    private static void end(ActiveFile file) throws IOException {
        Throwable met = Failures.after(null, file.writer()::flush);
        if (!file.writer().isFailed()) {
            met = Failures.after(met, file::force);
            met = Failures.after(met, file.writer()::finish);
        }
        Failures.rethrow(Failures.after(met, file.writer()));
    }
}
