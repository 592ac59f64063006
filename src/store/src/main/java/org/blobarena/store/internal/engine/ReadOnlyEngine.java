package org.blobarena.store.internal.engine;

import java.io.Closeable;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.api.CompactionStats;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreSettings;
import org.blobarena.store.internal.core.crypt.StoreKeys;
import org.blobarena.store.internal.core.leak.Watched;
import org.blobarena.store.internal.follow.Follower;
import org.blobarena.store.internal.follow.TemporaryIndexes;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.recovery.DamageLog;
import org.blobarena.store.internal.recovery.StoreDirectory;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreVerifier;
import org.blobarena.store.internal.watch.OpenEvent;
import org.blobarena.store.internal.watch.Recordings;
import org.blobarena.store.internal.write.Pacer;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that is read and followed, and not written, in terms of encoded keys. Its reads are those of a store that is open,
 * on an index of its own that a {@link Follower} fills.
 *
 * <p>Safe from any thread. One refreshes or verifies at a time; reads wait for neither.
 */
public final class ReadOnlyEngine implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadOnlyEngine.class);
    private static final CompactionStats NO_COMPACTION = new CompactionStats(0, 0, 0, 0, 0, 0, 0, Duration.ZERO);

    private final StoreContext store;
    private final LocationIndex values;
    private final LocationIndex tombstones;
    private final SettledIndex index;
    private final Follower follower;
    private final DamageLog damage;
    private final BlockCodec codec = new BlockCodec();
    private final OperationGate gate;
    private final StoreReads reads;
    private final ReentrantLock refreshing = new ReentrantLock();
    private final long startNanos = System.nanoTime();
    private final Closeable closing;
    private final Watched watched;
    private Duration openDuration = Duration.ZERO;

    private ReadOnlyEngine(StoreContext store, TemporaryIndexes indexes, DamageLog damage) throws IOException {
        this.store = store;
        this.damage = damage;
        this.values = indexes.create(store.settings().expectedKeys());
        this.tombstones = indexes.create(0);
        Path path = store.directory().path();
        this.index = new SettledIndex(values, new KeyLocks(), store.files(), store.refusal()::refuse);
        this.follower = new Follower(store, values, tombstones, damage);
        this.gate = new OperationGate(
                () -> new StoreClosedException("the reader of the store at " + path + " is closed"),
                store.settings().leakTraces());
        Presence presence = new Presence(store.files(), index, store.settings().clock(), null);
        this.reads = new StoreReads(store, index, presence, null, codec, gate);
        this.closing = new Closing(store, index, tombstones, follower, codec, indexes);
        this.watched = gate.watch(gate, () -> "the reader of the store at " + path, closing);
    }

    /** What it takes to close a reader that nobody uses any more; does not keep its gate. */
    private record Closing(
            StoreContext store,
            SettledIndex index,
            LocationIndex tombstones,
            Follower follower,
            BlockCodec codec,
            TemporaryIndexes indexes)
            implements Closeable {

        @Override
        public void close() throws IOException {
            store.background().stop();
            Throwable failure = Failures.after(null, index);
            failure = Failures.after(failure, tombstones);
            failure = Failures.after(failure, follower);
            failure = Failures.after(failure, store.files()::close);
            failure = Failures.after(failure, codec);
            failure = Failures.after(failure, indexes);
            Failures.rethrow(failure);
        }
    }

    /**
     * Opens a store to read it.
     *
     * @param refreshNanos the pause between two refreshes; 0 if only those refresh that ask
     * @param indexes closed with what is opened, or if that fails
     */
    public static ReadOnlyEngine open(
            Path path,
            StoreEnvironment environment,
            StoreSettings settings,
            long refreshNanos,
            TemporaryIndexes indexes)
            throws IOException {
        OpenEvent event = Recordings.mayRun() ? OpenEvent.begun() : null;
        ReadOnlyEngine engine = null;
        boolean complete = false;
        try {
            DamageLog damage = new DamageLog();
            Directory directory = environment.directories().open(path, false);
            StoreIdentity identity = StoreDirectory.read(directory, damage);
            StoreDirectory.requireKind(directory, identity, settings.kind());
            StoreKeys keys = StoreDirectory.keys(directory, identity, settings.keySource(), false, damage);
            Background background = environment
                    .backgrounds()
                    .apply("blobarena-reader-" + directory.path().getFileName());
            engine = new ReadOnlyEngine(
                    StoreContext.of(directory, identity, keys, settings, background), indexes, damage);
            engine.refresh();
            engine.openDuration = Duration.ofNanos(System.nanoTime() - engine.startNanos);
            if (refreshNanos > 0) {
                WeakReference<ReadOnlyEngine> refreshed = new WeakReference<>(engine); // Or it never were a leak.
                background.executeEvery(refreshNanos, () -> refreshOrLog(refreshed));
            }
            complete = true;
            if (event != null) {
                event.readOnly = true;
                event.index = "table";
                event.keys = engine.index.size();
                event.files = engine.store.files().all().size();
                event.tornBytes = engine.follower.tornBytes();
                event.damageCount = damage.count();
                event.ended(engine.directory());
            }
            return engine;
        } finally {
            if (!complete) {
                Failures.rethrow(Failures.after(null, engine == null ? indexes : engine));
            }
        }
    }

    public StoreReads reads() {
        return reads;
    }

    public StoreSettings settings() {
        return store.settings();
    }

    public KeyHasher hasher() {
        return store.hasher();
    }

    /** Where the store is. */
    public Path directory() {
        return store.directory().path();
    }

    /** Moves the view forward. */
    public void refresh() throws IOException {
        gate.enterToWrite();
        try {
            refreshing.lock();
            try {
                follower.refresh();
            } finally {
                refreshing.unlock();
            }
        } finally {
            gate.exit();
        }
    }

    private static void refreshOrLog(WeakReference<ReadOnlyEngine> refreshed) {
        ReadOnlyEngine engine = refreshed.get();
        if (engine == null) {
            return;
        }
        try {
            engine.refresh();
        } catch (StoreClosedException e) {
            LOG.debug("{}", e.getMessage());
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} could not be refreshed; the next time is tried again", engine.directory(), e);
        }
    }

    /**
     * Verifies every record of the view, which stays as it is meanwhile.
     *
     * @param pace null if an interrupt is not to end it
     */
    public VerifyReport verify(@Nullable Pace pace) throws IOException {
        gate.enterToWrite();
        try {
            refreshing.lock();
            try {
                StoreVerifier verifier = new StoreVerifier(store, new Pacer(pace, gate::isClosed, gate::requireOpen));
                verifier.verifyFiles();
                return verifier.report(index.size());
            } finally {
                refreshing.unlock();
            }
        } finally {
            gate.exit();
        }
    }

    public StoreStats stats() {
        gate.enter();
        try {
            refreshing.lock();
            try {
                OpenReport report =
                        new OpenReport(false, openDuration, follower.tornBytes(), damage.count(), damage.places());
                return StoreFigures.of(store, index, "table", report, NO_COMPACTION);
            } finally {
                refreshing.unlock();
            }
        } finally {
            gate.exit();
        }
    }

    public List<FileStats> fileStats() {
        gate.enter();
        try {
            return StoreFigures.ofFiles(store);
        } finally {
            gate.exit();
        }
    }

    /** Waits for what is in progress; again does nothing. */
    @Override
    public void close() throws IOException {
        OperationGate.requireRoom();
        try {
            if (gate.close() && watched.end()) {
                closing.close();
            }
        } finally {
            Reference.reachabilityFence(gate); // Or it might count as leaked between the two.
        }
    }
}
