package org.blobarena.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.arena.io.Directory;
import org.jspecify.annotations.Nullable;

/**
 * An open store, in terms of encoded keys: its {@linkplain StoreReads reads}, its {@linkplain StoreWrites writes}, and
 * what concerns it as a whole.
 *
 * <p>Every operation passes the gate; the closer waits there for those in flight, since an index must not be
 * closed under a user.
 */
final class StoreEngine {

    private final OpenedStore opened;
    private final StoreContext store;
    private final StoreOpener.Seams seams;
    private final SettledIndex index;
    private final KeyLocks keyLocks = new KeyLocks();
    private final OperationGate gate;
    private final Compactor compactor;
    private final StoreReads reads;
    private final StoreWrites writes;
    private final StoreCloser closer;

    StoreEngine(OpenedStore opened, StoreOpener.Seams seams) {
        this.opened = opened;
        this.store = opened.context();
        this.seams = seams;
        Path path = store.directory().path();
        RecordWriter writer = opened.writer();
        BlockCodec codec = new BlockCodec();
        this.index = new SettledIndex(opened.index(), keyLocks, store.files(), store.refusal()::refuse);
        this.compactor = new Compactor(
                store, index, writer, keyLocks, seams.backgrounds().apply(path.getFileName() + "-compaction"));
        this.gate = new OperationGate(() -> new StoreClosedException("the store at " + path + " is closed"));
        this.reads = new StoreReads(store, index, codec, gate);
        StoreWrites.Parts parts = new StoreWrites.Parts(store, index, writer, codec, keyLocks, compactor, gate);
        this.writes = new StoreWrites(parts);
        this.closer = new StoreCloser(parts, writes, opened.lock());
    }

    /** Takes over what was opened. If that fails, the store's lock is given back. */
    static StoreEngine start(OpenedStore opened, StoreOpener.Seams seams) {
        try {
            return new StoreEngine(opened, seams);
        } catch (RuntimeException | Error e) {
            Failures.after(e, opened.lock());
            throw e;
        }
    }

    StoreReads reads() {
        return reads;
    }

    StoreWrites writes() {
        return writes;
    }

    StoreSettings settings() {
        return store.settings();
    }

    /** Where the store is. */
    Path directory() {
        return store.directory().path();
    }

    EncodedKey encoded(byte[] keyBytes) {
        return store.hasher().encoded(keyBytes);
    }

    /** The file of an id. For tests. */
    @Nullable StoreFile file(long id) {
        return store.files().get(id);
    }

    void requireOpen() {
        gate.enter();
        gate.exit();
    }

    StoreStats stats() {
        gate.enter();
        try {
            return StoreFigures.of(store, index, opened.report(), compactor.stats());
        } finally {
            gate.exit();
        }
    }

    List<FileStats> fileStats() {
        gate.enter();
        try {
            return StoreFigures.ofFiles(store);
        } finally {
            gate.exit();
        }
    }

    void compact(CompactionProgress progress) throws IOException {
        requireOpen(); // A close that comes later ends it rather than waiting.
        compactor.compact(progress);
    }

    void pauseCompaction() {
        requireOpen();
        compactor.pause();
    }

    void resumeCompaction() {
        requireOpen();
        compactor.resume();
    }

    void snapshot(Path path) throws IOException {
        gate.enterToWrite();
        try {
            Directory target = seams.directories().open(path, true);
            List<String> present = target.list();
            if (!present.isEmpty()) {
                throw new FileAlreadyExistsException(
                        path.toString(),
                        null,
                        "a snapshot needs an empty directory, and this one has " + present.get(0));
            }
            new Snapshot(store, opened.writer(), keyLocks).make(target, compactor.committing());
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        } finally {
            gate.exit();
        }
    }

    /** Holds up all writes, not reads, for as long as it takes. */
    VerifyReport verify() throws IOException {
        gate.enterToWrite();
        try {
            compactor.committing().lock();
            keyLocks.lockAll();
            try {
                return new StoreVerifier(store, index, seams.indexes()).verify();
            } finally {
                keyLocks.unlockAll();
                compactor.committing().unlock();
            }
        } finally {
            gate.exit();
        }
    }

    void close() throws IOException {
        closer.close();
    }

    /** See {@link StoreCloser#crash}. For tests. */
    void crash() throws IOException {
        closer.crash();
    }
}
