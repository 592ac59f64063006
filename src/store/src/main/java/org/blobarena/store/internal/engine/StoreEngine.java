package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.store.api.CompactionProgress;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.internal.compact.Compactor;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.StoreSettings;
import org.blobarena.store.internal.core.cache.EvictionSettings;
import org.blobarena.store.internal.core.cache.IdleTime;
import org.blobarena.store.internal.evict.EvictedKeys;
import org.blobarena.store.internal.evict.EvictionContext;
import org.blobarena.store.internal.evict.Evictor;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.recovery.OpenedStore;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.snapshot.Snapshot;
import org.blobarena.store.internal.write.KeptFile;
import org.blobarena.store.internal.write.Pacer;
import org.blobarena.store.internal.write.RecordWriter;
import org.blobarena.store.internal.write.StreamFiles;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;

/**
 * An open store, in terms of encoded keys: its {@linkplain StoreReads reads}, its {@linkplain StoreWrites writes}, and
 * what concerns it as a whole.
 *
 * <p>Every operation passes the gate; the closer waits there for those in flight, since an index must not be
 * closed under a user.
 */
public final class StoreEngine {

    private final OpenedStore opened;
    private final StoreContext store;
    private final StoreEnvironment environment;
    private final SettledIndex index;
    private final KeyLocks keyLocks = new KeyLocks();
    private final OperationGate gate;
    private final Compactor compactor;
    private final @Nullable Evictor evictor;
    private final StoreReads reads;
    private final StoreWrites writes;
    private final StoreCloser closer;
    private final EngineContext context;

    /** Kept for the evictor: it may lead back to this. */
    @SuppressWarnings("UnusedVariable")
    private volatile @Nullable EvictedKeys evictionListener;

    StoreEngine(OpenedStore opened, StoreEnvironment environment) {
        this.opened = opened;
        this.store = opened.context();
        this.environment = environment;
        Path path = store.directory().path();
        RecordWriter writer = opened.writer();
        BlockCodec codec = new BlockCodec();
        this.index = new SettledIndex(opened.index(), keyLocks, store.files(), store.refusal()::refuse);
        this.compactor = new Compactor(
                store, index, writer, keyLocks, environment.backgrounds().apply(path.getFileName() + "-compaction"));
        this.gate = new OperationGate(
                () -> new StoreClosedException("the store at " + path + " is closed"),
                store.settings().leakTraces());
        IdleTime idle = startIdleTime();
        Presence presence = new Presence(store.files(), index, store.settings().clock(), idle);
        this.reads = new StoreReads(store, index, presence, idle, codec, gate);
        StreamFiles streamFiles = new StreamFiles(store, writer, codec);
        this.evictor = makeEvictor(idle);
        this.context = new EngineContext(
                store, index, presence, idle, writer, codec, keyLocks, streamFiles, compactor, evictor, gate);
        this.writes = new StoreWrites(context);
        this.closer = new StoreCloser(gate, new ClosingSteps(opened, context));
    }

    /** What was used before counts as used now. */
    private @Nullable IdleTime startIdleTime() {
        EvictionSettings settings = store.settings().eviction();
        if (settings == null || !store.settings().hasTimeToIdle()) {
            return null;
        }
        for (StoreFile file : store.files().all()) {
            file.noteTimes(store.settings().filledBytes());
        }
        return new IdleTime(settings.idleMillis(), store.settings().clock());
    }

    private @Nullable Evictor makeEvictor(@Nullable IdleTime idle) {
        EvictionSettings settings = store.settings().eviction();
        if (settings == null) {
            return null;
        }
        EvictionContext context = new EvictionContext(
                store, index, idle, opened.writer(), new KeptFile(opened.writer()), keyLocks, compactor.committing());
        String name = store.directory().path().getFileName() + "-eviction";
        return new Evictor(
                context,
                settings,
                environment.backgrounds().apply(name),
                environment.backgrounds().apply(name + "-end"));
    }

    /** Takes over what was opened. If that fails, the store's lock is given back. */
    public static StoreEngine start(OpenedStore opened, StoreEnvironment environment) {
        try {
            return new StoreEngine(opened, environment);
        } catch (RuntimeException | Error e) {
            Failures.after(e, opened.lock());
            throw e;
        }
    }

    public StoreReads reads() {
        return reads;
    }

    public StoreWrites writes() {
        return writes;
    }

    /** Evicts all that can be evicted; only of a cache. */
    public void evictAll() throws IOException {
        gate.enterToWrite();
        try {
            evictor().evictAll();
        } catch (IOException e) {
            throw Failures.translate(e);
        } finally {
            gate.exit();
        }
    }

    /** @param listener is told what is evicted, as long as the store can be used; the evictor does not keep it */
    public void setEvictionListener(EvictedKeys listener) {
        evictionListener = listener;
        evictor().setListener(new WeakReference<>(listener));
    }

    /** What evicts; only of a cache. */
    public Evictor evictor() {
        return Objects.requireNonNull(evictor, "no cache");
    }

    /** The bytes of all records that were appended, but for those that compaction has copied. */
    public long bytesWritten() {
        return opened.writer().bytesPut();
    }

    public StoreSettings settings() {
        return store.settings();
    }

    /** Where the store is. */
    public Path directory() {
        return store.directory().path();
    }

    /** What hashes the keys. */
    public KeyHasher hasher() {
        return store.hasher();
    }

    public EncodedKey encoded(byte[] keyBytes) {
        return store.hasher().encoded(keyBytes);
    }

    /** The file of an id. For tests. */
    public @Nullable StoreFile file(long id) {
        return store.files().get(id);
    }

    public void requireOpen() {
        gate.enter();
        gate.exit();
    }

    public StoreStats stats() {
        gate.enter();
        try {
            compactor.sweepExpired();
            return StoreFigures.of(store, index, opened.indexes().name(), opened.report(), compactor.stats());
        } finally {
            gate.exit();
        }
    }

    public SortedSet<Integer> keyIds() {
        gate.enter();
        try {
            return StoreFigures.keyIds(store);
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

    public void compact(CompactionProgress progress) throws IOException {
        requireOpen(); // A close that comes later ends it rather than waiting.
        try {
            compactor.compact(progress);
        } finally {
            Reference.reachabilityFence(this); // It is in use until then.
        }
    }

    public void pauseCompaction() {
        requireOpen();
        compactor.pause();
    }

    public void resumeCompaction() {
        requireOpen();
        compactor.resume();
    }

    /**
     * @param incremental whether an earlier snapshot may be there, which becomes this one
     * @param pace null if an interrupt is not to end it
     */
    public void snapshot(Path path, boolean incremental, @Nullable Pace pace) throws IOException {
        if (opened.isTemporary()) {
            throw new UnsupportedOperationException(
                    "the store at " + directory() + " is temporary: nothing of it is forced, so it has no snapshots");
        }
        gate.enterToWrite();
        try {
            Directory target = environment.directories().open(path, true);
            new Snapshot(store, opened.writer(), keyLocks, pacer(pace))
                    .make(target, incremental, compactor.committing());
        } catch (IOException e) {
            throw Failures.translate(e);
        } finally {
            gate.exit();
        }
    }

    /** @param pace null if an interrupt is not to end it */
    public VerifyReport verify(@Nullable Pace pace) throws IOException {
        gate.enterToWrite();
        try {
            return IndexVerifier.run(context, opened.indexes(), pacer(pace)).report(index.size());
        } finally {
            gate.exit();
        }
    }

    private Pacer pacer(@Nullable Pace pace) {
        return new Pacer(pace, gate::isClosed, gate::requireOpen);
    }

    public void close() throws IOException {
        closer.close();
    }

    /** See {@link StoreCloser#crash}. For tests. */
    public void crash() throws IOException {
        closer.crash();
    }
}
