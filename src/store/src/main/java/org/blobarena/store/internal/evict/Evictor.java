package org.blobarena.store.internal.evict;

import java.io.Closeable;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.cache.EvictionSettings;
import org.blobarena.store.internal.watch.EvictionEvent;
import org.blobarena.store.internal.watch.Recordings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a store takes on disk within a maximum, by evicting its oldest files.
 *
 * <p>A thread of its own evicts once the maximum is passed, so that up to the room of one file is free after it, while writers go
 * on to a little more than the maximum. A writer that is faster waits until the file that goes has lost its name, or evicts one
 * itself, before it writes, with no lock held.
 *
 * <p><b>Concurrency.</b> Safe from any thread. One file is evicted at a time, by who has the {@link EvictionTurn}.
 */
public final class Evictor implements Closeable {

    /** Of the greatest length of a file, writers look at the disk each time they have written this part. */
    private static final int LOOKS_PER_FILE = 8;

    private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);

    private final EvictionContext context;
    private final long maximumBytes;
    private final long fileBytesMax;

    /** What writers may take beyond the maximum while room is made: as much as a file takes, and as one that goes gives back. */
    private final long beyondBytes;

    private final Background background;
    private final EvictedFiles evictedFiles;
    private final DiskUse use;
    private final AtomicLong inFlight = new AtomicLong();

    /** What may be written before the disk is looked at again. */
    private final AtomicLong credit = new AtomicLong();

    private final AtomicBoolean signalled = new AtomicBoolean();

    private final EvictionTurn turn = new EvictionTurn();
    private final EvictionPolicy policy;
    private long bytesPutBefore;

    /** The files whose writes have all ended: their records are in the index, or replaced there. */
    private Set<StoreFile> awaited = Set.of();

    /** A round that could not delete its file, to be ended before another begins. */
    private @Nullable EvictionRound begun;

    private volatile EvictionFigures figures = EvictionFigures.NOTHING;
    /** Weak, since it may be the user's, and lead to the store: what evicts also closes one that nobody uses any more. */
    private volatile @Nullable WeakReference<EvictedKeys> listener;

    private volatile boolean closed;

    /**
     * @param background evicts
     * @param closing closes what was evicted
     */
    public Evictor(EvictionContext context, EvictionSettings settings, Background background, Background closing) {
        this.context = context;
        this.maximumBytes = settings.maximumBytes();
        this.fileBytesMax = context.store().settings().fileBytesMax();
        this.background = background;
        this.beyondBytes = context.store().settings().filledBytes();
        this.evictedFiles = new EvictedFiles(closing, beyondBytes, turn::roomMade);
        this.use = new DiskUse(context, evictedFiles);
        this.policy = new EvictionPolicy(maximumBytes, fileBytesMax, beyondBytes);
    }

    /** @param replacement is told what is evicted from now on, while somebody has it; null for nobody */
    public void setListener(@Nullable WeakReference<EvictedKeys> replacement) {
        listener = replacement;
    }

    /**
     * Brings what an opening has found within the maximum.
     *
     * @throws IOException if that cannot be done
     */
    public void start() throws IOException {
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
        if (free < 0) {
            signal();
        }
        while (free < -beyondBytes && !closed) {
            if (!evictUnless(-beyondBytes)) {
                requireWithin(bytes);
                break; // The others that are about to write find no room.
            }
            free = free();
        }
        credit.set(Math.max(0, Math.min(free + beyondBytes, fileBytesMax / LOOKS_PER_FILE)));
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
        if (turn.tryTake()) { // Else the eviction that runs will do it.
            try {
                policy.noteUses(context.store().files().all());
            } finally {
                turn.end();
            }
        }
        if (free() < 0) {
            signal();
        }
    }

    private void signal() {
        if (!closed && signalled.compareAndSet(false, true) && !background.tryExecute(this::evictBeyond)) {
            signalled.set(false); // The next writer asks again.
        }
    }

    private void evictBeyond() {
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

    /** Evicts what is beyond the maximum. */
    public void catchUp() throws IOException {
        while (!closed && free() < 0 && evictUnless(0)) {}
    }

    /**
     * Evicts a file unless so many bytes are free.
     *
     * @return false if no file can be evicted
     */
    private boolean evictUnless(long freeBytes) throws IOException {
        List<EvictionRound.Evicted> evicted = new ArrayList<>(); // First: memory may be short.
        if (!turn.takeUnless(() -> closed || free() >= freeBytes)) {
            return !closed;
        }
        try {
            try {
                return !closed && (free() >= freeBytes || evictNext(evicted));
            } finally {
                turn.end();
            }
        } finally {
            tell(evicted); // With no lock: whoever listens may do what he likes.
        }
    }

    private void tell(List<EvictionRound.Evicted> evicted) {
        WeakReference<EvictedKeys> set = listener;
        EvictedKeys present = set == null ? null : set.get();
        if (present != null) {
            evicted.forEach(each -> present.evicted(each.key().bytes(), each.recordBytes()));
        }
    }

    private boolean evictNext(List<EvictionRound.Evicted> evicted) throws IOException {
        EvictionRound unended = begun;
        if (unended != null) {
            run(unended, evicted);
            return true;
        }
        StoreFile victim = choose();
        if (victim == null) { // As where all the room is taken by files that wait for being sealed.
            context.writer().sealer().sealRolled();
            victim = choose();
        }
        if (victim == null) {
            return false;
        }
        // A file that is as old and takes records still may hold older values, and can go the sooner.
        context.writer().files().rollIdleBefore(victim.content().sequenceMax());
        context.writer().sealer().sealRolledBefore(victim.content().sequenceMax());
        long bytesPut = context.writer().bytesPut();
        policy.admitted(bytesPut - bytesPutBefore);
        run(new EvictionRound(context, victim, evictedFiles, policy, listener != null), evicted);
        bytesPutBefore = context.writer().bytesPut(); // What was written again earns nothing.
        policy.noteUses(context.store().files().all());
        return true;
    }

    /** @param told gets what was evicted */
    private void run(EvictionRound round, List<EvictionRound.Evicted> told) throws IOException {
        EvictionEvent event = Recordings.mayRun() ? EvictionEvent.begun() : null;
        try {
            round.run();
        } finally {
            begun = round.isPrepared() ? round : null;
            EvictionFigures done = round.takeFigures();
            figures = figures.plus(done);
            told.addAll(round.takeTold());
            if (event != null) {
                round.describe(event);
                done.describe(event);
                event.ended(context.store().directory().path());
            }
        }
    }

    /** The file to go next; null if there is none. Every write in flight that concerns it has ended. */
    private @Nullable StoreFile choose() {
        List<StoreFile> all = context.store().files().all();
        List<StoreFile> evictable = evictable(all);
        for (StoreFile file : evictable) {
            if (isEmpty(file)) {
                awaitWritesOf(file, evictable);
                if (isEmpty(file)) {
                    return file; // Nothing is lost with it.
                }
            }
        }
        StoreFile victim = policy.choose(all, evictable);
        if (victim == null) {
            return null;
        }
        victim = orUnlisted(victim, evictable);
        awaitWritesOf(victim, evictable);
        return victim;
    }

    private static boolean isEmpty(StoreFile file) {
        return file.liveBytes() <= 0 && !file.isDamaged();
    }

    /**
     * Waits for the writes whose records a file has, once for all files that are complete now: a writer that waits for a
     * force meanwhile holds the lock of its key, and would hold up every eviction.
     */
    private void awaitWritesOf(StoreFile file, List<StoreFile> complete) {
        if (!awaited.contains(file)) {
            context.keyLocks().awaitHolders();
            awaited = new HashSet<>(complete);
        }
    }

    /**
     * A file that does not list what it holds may hold older blobs of every key: as long as it is there, all that is evicted
     * after it needs a tombstone. So it goes before what is newer.
     */
    private static StoreFile orUnlisted(StoreFile victim, List<StoreFile> evictable) {
        for (StoreFile file : evictable) {
            if ((file.isDamaged() || !file.isSealed())
                    && file.mayHoldValueBefore(victim.content().sequenceMax())) {
                return file;
            }
        }
        return victim;
    }

    /**
     * Evicts every file that is there now and that nobody appends to, and tells nobody: no blob of them is left, and none comes
     * back.
     */
    public void evictAll() throws IOException {
        List<EvictionRound.Evicted> told = new ArrayList<>();
        context.writer().files().rollActive();
        context.writer().sealer().sealRolled();
        turn.take();
        try {
            EvictionRound unended = begun;
            if (unended != null) {
                run(unended, told);
            }
            context.keyLocks().awaitHolders();
            for (StoreFile file : evictable(context.store().files().all())) {
                run(new EvictionRound(context, file, evictedFiles, null, false), told);
            }
        } finally {
            turn.end();
        }
    }

    private static List<StoreFile> evictable(List<StoreFile> all) {
        // The last keeps its id from being used again.
        return all.stream()
                .filter(file -> file.isComplete() && !file.isOutput() && file != all.get(all.size() - 1))
                .toList();
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

    /**
     * Waits for the eviction that runs, and closes what has been evicted even while it is read.
     *
     * @throws IOException if a file may be gone and the index still points into it: it is not to be used again
     */
    @Override
    public void close() throws IOException {
        Throwable failure = Failures.after(null, this::stop);
        failure = Failures.after(failure, this::endHalfDone);
        failure = Failures.after(failure, context.kept()::roll); // Or the next opening would put among what was kept.
        Failures.rethrow(Failures.after(failure, evictedFiles));
    }

    private void endHalfDone() throws IOException {
        EvictionRound unended = begun;
        if (unended != null && unended.isHalfDone()) {
            run(unended, new ArrayList<>());
        }
    }

    /** Stops, and deletes nothing: as a process that dies. For tests. */
    public void crash() throws IOException {
        stop();
        evictedFiles.close();
    }

    private void stop() {
        closed = true;
        background.stop();
        turn.take();
        turn.end();
    }
}
