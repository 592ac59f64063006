package org.blobarena.store.internal.evict;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.cache.EvictionSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a store takes on disk within a maximum, by evicting its oldest files.
 *
 * <p>A thread of its own evicts a little ahead of the writers, so that these do not wait. A writer that is faster evicts a
 * file itself before it writes, with no lock held.
 *
 * <p><b>Concurrency.</b> Safe from any thread. One file is evicted at a time, with the lock of this object.
 */
public final class Evictor implements Closeable {

    /** So many files of the greatest length are kept free for writers. */
    private static final int AHEAD_FILES = 2;

    /** Of the greatest length of a file, writers look at the disk each time they have written this part. */
    private static final int LOOKS_PER_FILE = 8;

    private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);

    private final EvictionContext context;
    private final long maximumBytes;
    private final long fileBytesMax;
    private final Background background;
    private final DiskUse use;
    private final AtomicLong inFlight = new AtomicLong();

    /** What may be written before the disk is looked at again. */
    private final AtomicLong credit = new AtomicLong();

    private final AtomicBoolean signalled = new AtomicBoolean();
    private final ReentrantLock working = new ReentrantLock();
    private final EvictionPolicy policy;
    private long bytesPutBefore;
    private volatile EvictionFigures figures = EvictionFigures.NOTHING;
    private volatile @Nullable EvictedKeys listener;
    private volatile boolean closed;

    public Evictor(EvictionContext context, EvictionSettings settings, Background background) {
        this.context = context;
        this.maximumBytes = settings.maximumBytes();
        this.fileBytesMax = context.store().settings().fileBytesMax();
        this.background = background;
        this.use = new DiskUse(context);
        this.policy = new EvictionPolicy(maximumBytes, fileBytesMax);
    }

    /** @param replacement is told what is evicted from now on; null for nobody */
    public void setListener(@Nullable EvictedKeys replacement) {
        listener = replacement;
    }

    /**
     * Brings what an opening has found within the maximum.
     *
     * @throws IOException if that cannot be done
     */
    public void start() throws IOException {
        context.writer().sealer().sealRolled();
        while (use.bytes() > maximumBytes && evictUnless(0)) {}
        requireWithin(0);
        context.writer().sealer().setListener(this::fileSealed);
        fileSealed();
    }

    /**
     * Makes room for what is about to be written, and counts it until {@link #exit}. To be called with no lock held; may
     * take as long as a file takes to be evicted.
     *
     * @throws IOException if there is no room and none can be made
     */
    public void enter(long bytes) throws IOException {
        inFlight.addAndGet(bytes);
        if (credit.addAndGet(-bytes) < 0) {
            boolean entered = false;
            try {
                makeRoom(bytes);
                entered = true;
            } finally {
                if (!entered) {
                    exit(bytes);
                }
            }
        }
    }

    /** What was to be written has been, or will not be. */
    public void exit(long bytes) {
        inFlight.addAndGet(-bytes);
    }

    private void makeRoom(long bytes) throws IOException {
        long free = free();
        if (free < AHEAD_FILES * fileBytesMax) {
            signal();
        }
        while (free < 0 && !closed) {
            if (!evictUnless(0)) {
                requireWithin(bytes);
                break; // The others that are about to write find no room.
            }
            free = free();
        }
        credit.set(Math.max(0, Math.min(free, fileBytesMax / LOOKS_PER_FILE)));
    }

    private long free() {
        return maximumBytes - use.bytes() - inFlight.get();
    }

    private void requireWithin(long bytes) throws IOException {
        long used = use.bytes();
        if (used + bytes > maximumBytes && !closed) {
            throw new IOException(context.store().directory().path() + " holds " + used + " of at most " + maximumBytes
                    + " bytes, there is no room for " + bytes + " more, and no file can be evicted");
        }
    }

    private void fileSealed() {
        if (working.tryLock()) { // Else the eviction that runs will do it.
            try {
                policy.noteUses(context.store().files().all());
            } finally {
                working.unlock();
            }
        }
        if (free() < AHEAD_FILES * fileBytesMax) {
            signal();
        }
    }

    private void signal() {
        if (!closed && signalled.compareAndSet(false, true) && !background.tryExecute(this::evictAhead)) {
            signalled.set(false); // The next writer asks again.
        }
    }

    private void evictAhead() {
        signalled.set(false);
        try {
            catchUp();
        } catch (WritesRefusedException e) {
            LOG.debug(
                    "{}: nothing is evicted until it is opened again",
                    context.store().directory().path());
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn(
                    "{}: an eviction failed, and is tried again",
                    context.store().directory().path(),
                    e);
        }
    }

    /** Evicts as much as is to be free for writers. */
    public void catchUp() throws IOException {
        while (!closed && free() < AHEAD_FILES * fileBytesMax && evictUnless(AHEAD_FILES * fileBytesMax)) {}
    }

    /**
     * Evicts a file unless so many bytes are free.
     *
     * @return false if no file can be evicted
     */
    private boolean evictUnless(long freeBytes) throws IOException {
        List<EvictionRound.Evicted> evicted = new ArrayList<>();
        try {
            working.lock();
            try {
                return !closed && (free() >= freeBytes || evictNext(evicted));
            } finally {
                working.unlock();
            }
        } finally {
            tell(evicted); // With no lock: whoever listens may do what he likes.
        }
    }

    private void tell(List<EvictionRound.Evicted> evicted) {
        EvictedKeys present = listener;
        if (present != null) {
            evicted.forEach(each -> present.evicted(each.key().bytes(), each.recordBytes()));
        }
    }

    private boolean evictNext(List<EvictionRound.Evicted> evicted) throws IOException {
        context.retirement().retry();
        if (context.retirement().hasFailed()) {
            throw new IOException(context.store().directory().path() + ": a file that was evicted cannot be deleted");
        }
        context.writer().sealer().sealRolled();
        StoreFile victim = choose();
        if (victim == null) {
            return false;
        }
        // A file that is as old and takes records still may hold older values, and nothing lists what it has.
        context.writer().files().rollIdleBefore(victim.content().sequenceMax());
        context.writer().sealer().sealRolled();
        long bytesPut = context.writer().bytesPut();
        policy.admitted(bytesPut - bytesPutBefore);
        evict(victim, policy, listener == null ? null : evicted);
        bytesPutBefore = context.writer().bytesPut(); // What was written again earns nothing.
        policy.noteUses(context.store().files().all());
        return true;
    }

    /** @param told gets what was evicted; null if nobody wants to know */
    private void evict(StoreFile victim, @Nullable EvictionPolicy keeping, @Nullable List<EvictionRound.Evicted> told)
            throws IOException {
        EvictionRound round = new EvictionRound(context, victim, keeping, told != null);
        EvictionFigures done;
        try {
            done = round.run();
        } catch (CorruptBlobException e) {
            LOG.warn("{}: {}", context.store().directory().path(), e.getMessage());
            return; // It is known as damaged now, and chosen again after those that depend on it.
        } finally {
            if (told != null) {
                told.addAll(round.told());
            }
        }
        figures = figures.plus(done);
    }

    /** The file to go next; null if there is none. Every write in flight that concerns it has ended. */
    private @Nullable StoreFile choose() {
        List<StoreFile> all = context.store().files().all();
        List<StoreFile> complete =
                all.stream().filter(file -> isEvictable(file, all)).toList();
        context.keyLocks().awaitHolders();
        for (StoreFile file : complete) {
            if (file.liveBytes() <= 0 && !file.isDamaged()) {
                return file; // Nothing is lost with it.
            }
        }
        StoreFile victim = policy.choose(all, complete);
        return victim != null && victim.isDamaged() ? obstacleOf(victim, complete) : victim;
    }

    /**
     * Nobody can tell which keys a damaged file has, and so which older blobs would come back after a crash. So the files
     * that may have some go first.
     */
    private static StoreFile obstacleOf(StoreFile damaged, List<StoreFile> complete) {
        for (StoreFile file : complete) {
            if (file != damaged
                    && !file.isDamaged()
                    && file.mayHoldDeadValues()
                    && file.mayHoldValueBefore(damaged.content().sequenceMax())) {
                return file;
            }
        }
        return damaged;
    }

    /**
     * Evicts every file that is there now and that nobody appends to, and tells nobody: no blob of them is left, and none comes
     * back.
     */
    public void evictAll() throws IOException {
        context.writer().files().rollActive();
        context.writer().sealer().sealRolled();
        working.lock();
        try {
            context.keyLocks().awaitHolders();
            List<StoreFile> all = context.store().files().all();
            for (StoreFile file : all) {
                if (isEvictable(file, all)) {
                    evict(file, null, null);
                }
            }
        } finally {
            working.unlock();
        }
    }

    private static boolean isEvictable(StoreFile file, List<StoreFile> all) {
        // The last keeps its id from being used again.
        return file.isComplete() && !file.isOutput() && file != all.get(all.size() - 1);
    }

    public EvictionFigures figures() {
        return figures;
    }

    /** The most that may be taken on disk. */
    public long maximumBytes() {
        return maximumBytes;
    }

    /** What everything takes on disk. */
    public long diskBytes() {
        return use.bytes();
    }

    /** Waits for the eviction that runs, and deletes what has been evicted even while it is read. */
    @Override
    public void close() {
        stop();
        context.kept().roll(); // Or the next opening would put among what was written again.
        context.retirement().close();
    }

    /** Stops, and deletes nothing: as a process that dies. For tests. */
    public void crash() {
        stop();
    }

    private void stop() {
        closed = true;
        background.stop();
        working.lock();
        try {
            assert working.isHeldByCurrentThread();
        } finally {
            working.unlock();
        }
    }
}
