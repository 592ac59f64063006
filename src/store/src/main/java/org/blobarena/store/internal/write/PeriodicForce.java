package org.blobarena.store.internal.write;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.core.StoreContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a store does in the background after so many bytes, records or nanoseconds: it forces what was acknowledged, and
 * looks whether the directory is still its own.
 *
 * <p><b>Concurrency.</b> {@link #appended} is called with the lock of the store's {@link UnsealedFiles}, which guards the
 * counts; the tasks run without it.
 */
public final class PeriodicForce {

    /** After so many records it is looked whether the directory is this store's still. */
    public static final int RECORDS_PER_LOOK = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(PeriodicForce.class);

    private final StoreContext store;
    private final UnsealedFiles files;
    private final Directory directory;
    private final long forceBytes;
    private final Runnable forceTask = this::force;
    private final Runnable requireHeldTask = this::requireHeld;

    /** Null where nothing is forced from time to time. */
    private volatile Background.@Nullable Turns turns;

    private final AtomicBoolean forceIsDue = new AtomicBoolean();
    private long bytesSinceForce;
    private int recordsSinceLook;

    PeriodicForce(StoreContext store, UnsealedFiles files) {
        this.store = store;
        this.files = files;
        this.directory = store.directory();
        this.forceBytes = store.settings().forceBytes();
        long forceNanos = store.settings().forceNanos();
        if (forceNanos > 0) {
            turns = store.background().executeEvery(forceNanos, forceTask);
        }
    }

    /** Counts a record. */
    void appended(long bytes) {
        resume();
        recordsSinceLook++;
        if (recordsSinceLook >= RECORDS_PER_LOOK) {
            recordsSinceLook = 0;
            boolean unused = store.background().tryExecute(requireHeldTask);
        }
        bytesSinceForce += bytes;
        if (forceBytes > 0 && bytesSinceForce >= forceBytes) {
            if (forceIsDue.compareAndSet(false, true) && !store.background().tryExecute(forceTask)) {
                forceIsDue.set(false); // The next write asks again.
                return;
            }
            bytesSinceForce = 0;
        }
    }

    private void resume() {
        Background.Turns present = turns;
        if (present != null) {
            present.resume();
        }
    }

    private void requireHeld() {
        if (store.refusal().isRefused()) {
            return; // Everybody who writes is told.
        }
        try {
            store.refusal().watch(directory::requireHeld);
        } catch (WritesRefusedException e) {
            LOG.error("{}: no more writes are taken", directory.path(), e);
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("{}: it is not known whether the directory is locked still", directory.path(), e);
        }
    }

    private void force() {
        forceIsDue.set(false);
        Background.Turns present = turns;
        if (present != null) {
            present.rest(Long.MAX_VALUE); // What is appended from here on ends that.
        }
        if (store.refusal().isRefused()) {
            return; // Everybody who writes is told.
        }
        try {
            files.makeDurable(Durability.FORCED);
        } catch (IOException | RuntimeException | Error e) {
            resume();
            LOG.error("{}: a periodic force failed, and is tried again", directory.path(), e);
        }
    }
}
