package org.blobarena.store.internal.compact;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.blobarena.store.api.CompactionProgress;
import org.blobarena.store.api.CompactionStats;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.core.CompactionSettings;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.UnreadableException;
import org.blobarena.store.internal.watch.CompactionEvent;
import org.blobarena.store.internal.watch.DamageEvent;
import org.blobarena.store.internal.watch.Recordings;
import org.blobarena.store.internal.write.RateLimit;
import org.blobarena.store.internal.write.RecordWriter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when files are compacted, and does it on a thread of its own.
 *
 * <p>By itself it keeps the dead bytes within the bound of the settings, and copies what a crash has torn: it looks
 * whenever a file was sealed, and every so often, or once a blob has expired. Asked for it, it goes through all files once. How writers are slowed down meanwhile: {@link WriteThrottle}.
 */
public final class Compactor implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

    private static final long PAUSE_NANOS = 500_000_000L;

    /** So long nothing is tried after a failure. */
    private static final long FAILURE_PAUSE_NANOS = 5_000_000_000L;

    /** Writers are slowed down from so many files beyond the bound on, and hard at so many. */
    private static final double THROTTLE_FROM_FILES = 2;

    private static final double THROTTLE_LIMIT_FILES = 4;

    /** In a compaction of everything, a file with fewer dead bytes per byte stays. */
    private static final double NEGLIGIBLE_DEAD_SHARE = 0.01;

    /** Of what tombstones take of the store: from here on it is worth asking which can go. */
    private static final double TOMBSTONE_SHARE_MAX = 0.05;

    private final CompactionContext context;
    private final StoreContext store;
    private final RecordWriter writer;
    private final CompactionSettings settings;
    private final FileFigures files;
    private final VictimChoice choice;
    private final ExpirySweep sweep;
    private final Background background;
    private final WriteThrottle throttle;
    private volatile Background.Turns turns = Background.Turns.UNRESTING;
    private final AtomicBoolean signalled = new AtomicBoolean();
    private final Queue<CompactionRequest> requests = new ConcurrentLinkedQueue<>();

    /** Held while a round or a whole request runs. */
    private final ReentrantLock working = new ReentrantLock();

    private volatile boolean paused;
    private volatile boolean closed;

    /** There is nothing to compact, or nothing that can be: waiting would not help writers. */
    private volatile boolean stalled = true;

    private long failedNanos = System.nanoTime() - FAILURE_PAUSE_NANOS;
    private volatile Figures figures = new Figures(0, 0, 0, 0, 0, 0);
    private @Nullable CompactionRound prepared;

    /** What has kept files from being compacted since this was last asked. */
    private @Nullable UnreadableException unreadable;

    private long bytesFreedAtTombstoneCheck = -1;
    private long bytesPutAtLastRun = -1;

    /** As many bytes had been put when a run found that nothing is left to do. */
    private volatile long bytesPutWhenDone = -1;

    private record Figures(long rounds, long read, long copied, long written, long freed, long files) {

        Figures plus(CompactionRound.Result result) {
            return new Figures(
                    rounds + 1,
                    read + result.bytesRead(),
                    copied + result.bytesCopied(),
                    written + result.bytesWritten(),
                    freed + result.bytesFreed(),
                    files + result.filesReplaced());
        }
    }

    public Compactor(
            StoreContext store, SettledIndex index, RecordWriter writer, KeyLocks keyLocks, Background background) {
        this.store = store;
        this.writer = writer;
        this.settings = store.settings().compaction();
        this.files = new FileFigures(store.files());
        this.choice = new VictimChoice(
                store.files(), files, settings, store.settings().fileBytesMax());
        this.background = background;
        this.context = new CompactionContext(
                store,
                index,
                writer,
                keyLocks,
                new Retirement(store, this::signal, this::resumeTurns),
                new ReentrantLock(),
                new RateLimit(settings.bytesPerSecond(), () -> closed),
                () -> closed);
        this.sweep = new ExpirySweep(context, files);
        this.throttle = new WriteThrottle(store.directory().path());
        if (settings.automatic()) {
            writer.setListener(this::throttleByExcess);
            writer.sealer().setListener(this::signal);
            turns = background.executeEvery(PAUSE_NANOS, this::turn);
            writer.setCountedListener(turns::resume);
        }
    }

    /** Held while files of the store are replaced and the index is pointed at the new ones. */
    public ReentrantLock committing() {
        return context.committing();
    }

    /** What slows writers down that have left the gate, for what they have written. */
    public WriteThrottle throttle() {
        return throttle;
    }

    /** Compacts everything, and returns when that is done. */
    public void compact(CompactionProgress progress) throws IOException {
        CompactionRequest request = new CompactionRequest(progress);
        requests.add(request);
        if (closed) {
            request.end(new CancellationException());
        } else {
            background.execute(this::serveRequests);
        }
        request.await(store.directory().path());
    }

    /** Brings what is told of expired blobs up to this moment, unless a compaction runs, which does so itself. */
    public void sweepExpired() {
        if (sweep.isDue() && working.tryLock()) {
            try {
                if (!closed && prepared == null) { // Else copies would count as swept that get into the index later.
                    sweep.sweepInTurn();
                }
            } catch (IOException e) {
                LOG.warn(
                        "{}: expired blobs cannot be counted", store.directory().path(), e);
            } finally {
                bytesPutWhenDone = -1; // There may be more to compact.
                turns.resume();
                working.unlock();
            }
        }
    }

    /** Returns when nothing is compacted, and nothing will be by itself until {@link #resume}. */
    public void pause() {
        paused = true;
        throttle.set(0);
        working.lock();
        try {
            assert working.isHeldByCurrentThread();
        } finally {
            working.unlock();
        }
    }

    public void resume() {
        paused = false;
        if (settings.automatic()) {
            signal();
        }
    }

    public CompactionStats stats() {
        Figures now = figures;
        return new CompactionStats(
                now.rounds,
                now.read,
                now.copied,
                now.written,
                now.freed,
                now.files,
                writer.bytesPut(),
                Duration.ofNanos(throttle.waitedNanos()));
    }

    /**
     * Gives up what runs; returns when nothing does.
     *
     * @throws IOException if the index could not be brought up to what the files say
     */
    @Override
    public void close() throws IOException {
        closed = true;
        throttle.set(0);
        background.stop();
        for (CompactionRequest request = requests.poll(); request != null; request = requests.poll()) {
            request.end(new CancellationException());
        }
        try {
            commitPrepared();
        } finally {
            context.retirement().close();
        }
    }

    /** Stops, and deletes nothing: as a process that dies. For tests. */
    public void crash() {
        closed = true;
        background.stop();
    }

    private void signal() {
        // What a round seals or deletes itself is no news to it.
        if (settings.automatic() && !closed && !working.isHeldByCurrentThread()) {
            stalled = false;
            throttleByExcess();
            if (signalled.compareAndSet(false, true) && !background.tryExecute(this::runOnce)) {
                signalled.set(false); // The next turn comes all the same.
                turns.resume();
            }
        }
    }

    private void resumeTurns() {
        turns.resume();
    }

    /** A store that nobody writes to costs nothing: the turns rest until somebody writes, or a blob expires. */
    private void turn() {
        if (isWanted()) {
            runOnce();
        }
        if (!isWanted()) {
            turns.rest(sweep.pauseNanos(PAUSE_NANOS));
            if (isWanted()) {
                turns.resume();
            }
        }
    }

    private boolean isWanted() {
        return writer.bytesPut() != bytesPutWhenDone || context.retirement().hasFailed() || sweep.isDue();
    }

    private void runOnce() {
        signalled.set(false);
        working.lock();
        try {
            keepTheBound();
        } catch (CancellationException e) {
            LOG.debug("{}: a compaction was given up", store.directory().path());
        } catch (WritesRefusedException e) {
            closed = true; // Everybody who writes is told; nothing can be compacted until the store is opened again.
        } catch (IOException | RuntimeException | Error e) {
            // Also an error, or this would never be called again.
            stalled = true;
            failedNanos = System.nanoTime();
            LOG.warn(
                    "{}: a compaction failed, and is tried again later",
                    store.directory().path(),
                    e);
        } finally {
            working.unlock();
        }
        throttleByExcess();
    }

    private void keepTheBound() throws IOException {
        context.retirement().retry();
        commitPrepared();
        if (System.nanoTime() - failedNanos < FAILURE_PAUSE_NANOS) {
            stalled = true;
            return;
        }
        sweep.sweepInTurn();
        while (!paused && !closed && requests.isEmpty()) {
            long bytesPut = writer.bytesPut();
            List<StoreFile> victims = choice.unneeded();
            if (victims.isEmpty()) {
                victims = choice.toTheBound(usableBytes());
            }
            if (victims.isEmpty()) {
                victims = choice.ofAll(choice.left(), usableBytes());
            }
            if (victims.isEmpty()) {
                victims = choice.small(usableBytes());
            }
            boolean exact = victims.isEmpty();
            if (exact) {
                victims = tombstoneFiles();
            }
            if (victims.isEmpty()) {
                reportUnreadable();
                stalled = true;
                boolean idle = sealIdle(bytesPut);
                bytesPutWhenDone = idle && choice.excessBytes(false) <= 0 ? bytesPut : -1;
                return;
            }
            stalled = false;
            throttleByExcess();
            runRound(victims, exact);
            if (exact) {
                bytesFreedAtTombstoneCheck = figures.freed - figures.written;
            }
        }
    }

    /** Files with many tombstones, if it is likely that some of them can go by now. */
    private List<StoreFile> tombstoneFiles() throws IOException {
        FileFigures.Sums sums = files.sums();
        long bytes = sums.eligibleTombstones();
        boolean worthwhile = bytes > sums.eligibleBytes() * TOMBSTONE_SHARE_MAX
                && figures.freed - figures.written - bytesFreedAtTombstoneCheck > bytes;
        if (!worthwhile) {
            return List.of();
        }
        List<StoreFile> found = choice.eligible().stream()
                .filter(file -> file.content().tombstoneBytes() > file.arena().length() * TOMBSTONE_SHARE_MAX)
                .toList();
        return choice.ofAll(VictimChoice.byNeededShare(found), usableBytes());
    }

    /**
     * When nobody writes any more, and what is dead stands in the active file, that is sealed: the next run can compact
     * it.
     *
     * @return whether nobody writes any more, and nothing had to be sealed
     */
    private boolean sealIdle(long bytesPut) throws IOException {
        boolean idle = bytesPut == bytesPutAtLastRun;
        bytesPutAtLastRun = bytesPut;
        if (idle && choice.excessBytes(true) > 0 && writer.files().activeHasDead()) {
            writer.files().rollActive();
            writer.sealer().sealRolled();
            return false;
        }
        return idle;
    }

    private void serveRequests() {
        working.lock();
        try {
            for (CompactionRequest request = requests.poll(); request != null; request = requests.poll()) {
                try {
                    compactAll(request);
                    request.end(null);
                } catch (IOException | RuntimeException | Error e) {
                    request.end(e); // Whatever it is: somebody waits.
                }
            }
        } finally {
            working.unlock();
        }
        throttleByExcess();
    }

    /**
     * First every file with dead values, or of a key that is not used any more, then every file with tombstones: nothing is left then that most of these could
     * be needed for.
     */
    private void compactAll(CompactionRequest request) throws IOException {
        context.retirement().retry();
        commitPrepared();
        writer.files().rollActive();
        writer.sealer().sealRolled();
        long unused = sweep.sweepAll();
        dropUseless();
        List<StoreFile> dead = new ArrayList<>(choice.left());
        List<StoreFile> small = new ArrayList<>();
        for (StoreFile file : choice.eligible()) {
            if (!file.isSealed()) {
                continue;
            }
            boolean worthwhile = file.content().recordBytes() > 0
                    && file.deadBytes() > file.arena().length() * NEGLIGIBLE_DEAD_SHARE;
            if (worthwhile || store.isOfFormerKey(file)) {
                dead.add(file);
            } else if (choice.isSmall(file)) {
                small.add(file);
            }
        }
        if (small.size() > 1) {
            dead.addAll(small);
        }
        compactEach(dead, request);
        List<StoreFile> tombstones = new ArrayList<>();
        for (StoreFile file : choice.eligible()) {
            if (file.content().tombstoneBytes() > 0) {
                tombstones.add(file);
            }
        }
        compactEach(tombstones, request);
        dropUseless();
        reportUnreadable();
    }

    /** Files that could not be read are tried again the next time. */
    private void reportUnreadable() throws IOException {
        IOException met = unreadable;
        if (met != null) {
            unreadable = null;
            store.files().all().forEach(file -> file.setAvoided(false));
            throw met;
        }
    }

    private void dropUseless() throws IOException {
        List<StoreFile> unneeded = choice.unneeded();
        if (!unneeded.isEmpty()) {
            runRound(unneeded, true);
        }
    }

    private void compactEach(List<StoreFile> candidates, CompactionRequest request) throws IOException {
        Set<StoreFile> left = new LinkedHashSet<>(VictimChoice.byNeededShare(candidates));
        request.add(bytes(left));
        while (!left.isEmpty()) {
            List<StoreFile> victims = choice.ofAll(left, usableBytes());
            if (victims.isEmpty()) {
                requireSpace(left);
                return;
            }
            if (runRound(victims, true)) {
                victims.forEach(left::remove);
                request.done(bytes(victims));
            }
        }
    }

    /** What is left cannot be compacted: because it is damaged, or in use, or for want of space for the copies. */
    private void requireSpace(Collection<StoreFile> left) throws IOException {
        Set<StoreFile> eligible = Set.copyOf(choice.eligible());
        for (StoreFile file : left) {
            if (eligible.contains(file)) {
                NoSpaceException.requireUsable(store.directory(), file.name(), file.neededBytes());
            }
        }
    }

    /**
     * False when one of the victims turned out to be damaged, or cannot be read: it is eligible no more, for now at least,
     * and the others can be tried again.
     */
    private boolean runRound(List<StoreFile> victims, boolean exact) throws IOException {
        CompactionEvent event = Recordings.mayRun() ? CompactionEvent.begun() : null;
        long start = System.nanoTime();
        CompactionRound round = new CompactionRound(context, victims, exact);
        try {
            round.prepare();
        } catch (CorruptBlobException e) {
            LOG.warn(
                    "{}: a file is not compacted until it is repaired: {}",
                    store.directory().path(),
                    e.getMessage());
            if (Recordings.mayRun()) {
                DamageEvent.found(e);
            }
            return false;
        } catch (UnreadableException e) {
            e.file().setAvoided(true); // The others are compacted meanwhile.
            unreadable = e;
            return false;
        }
        prepared = round;
        CompactionRound.Result result = commitPrepared();
        throttle.freed(result.bytesFreed() - result.bytesWritten(), System.nanoTime() - start);
        LOG.debug("{}: {}", store.directory().path(), result);
        if (event != null) {
            result.tell(event);
            event.ended(store.directory().path());
        }
        return true;
    }

    /**
     * Ends a round that is sealed. One that could not be ended, as when the index cannot grow, comes first the next time:
     * nothing else may be done to its victims.
     */
    private CompactionRound.Result commitPrepared() throws IOException {
        CompactionRound round = prepared;
        if (round == null) {
            return CompactionRound.Result.NOTHING;
        }
        CompactionRound.Result result;
        try {
            result = round.commit();
        } catch (CorruptBlobException e) {
            throw new IOException(
                    "a compaction of the store at " + store.directory().path() + " cannot be ended: " + e.getMessage(),
                    e);
        }
        prepared = null;
        figures = figures.plus(result);
        return result;
    }

    private long usableBytes() {
        return store.directory().usableBytes();
    }

    private static long bytes(Collection<StoreFile> files) {
        return files.stream().mapToLong(file -> file.arena().length()).sum();
    }

    /** Also by writers: they must not get away while this thread waits for its turn. */
    private void throttleByExcess() {
        double files = (double) choice.excessBytes(true) / store.settings().fileBytesMax();
        boolean braking = settings.automatic() && !paused && !closed && !stalled;
        throttle.set(braking ? (files - THROTTLE_FROM_FILES) / (THROTTLE_LIMIT_FILES - THROTTLE_FROM_FILES) : 0);
    }
}
