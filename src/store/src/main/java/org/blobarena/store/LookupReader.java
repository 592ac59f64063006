package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.io.Pool;
import org.blobarena.arena.io.Scratch;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.LocationIndex;
import org.jspecify.annotations.Nullable;

/**
 * Reads blobs into what the caller has, as {@link StoreReads} reads them into new arrays, and makes no object for it:
 * what one read needs is in a {@link Lookup}, which the next uses again.
 */
final class LookupReader {

    private final StoreContext store;
    private final LocationIndex index;
    private final OperationGate gate;
    private final Pool<Lookup> lookups;

    LookupReader(StoreContext store, LocationIndex index, OperationGate gate, RecordReader reader) {
        this.store = store;
        this.index = index;
        this.gate = gate;
        this.lookups = new Pool<>(() -> new Lookup(store.hasher(), reader));
    }

    /** Reads the record that a lookup has found. One without state is one object for all reads. */
    @FunctionalInterface
    private interface Step<T, R> {

        /** Null when the record is of another key with the same hash. */
        @Nullable R at(StoreFile file, Lookup lookup, T target) throws IOException;
    }

    /**
     * Reads a payload into a buffer if it has room for it; its position moves only then.
     *
     * @return the length of the blob, or -1 when the key is absent
     */
    <K> long get(KeyCodec<K> codec, K key, ByteBuffer target) throws IOException {
        Lookup lookup = lookups.take();
        try {
            lookup.set(codec, key);
            Boolean present = read(lookup, target, (file, found, into) -> found.readIfRoom(file, into) ? true : null);
            return present == null ? -1 : lookup.blobBytes();
        } finally {
            lookups.give(lookup);
        }
    }

    /** Reads a payload as {@link RecordReader#verified} does; null when the key is absent. */
    <K> @Nullable ByteBuffer verified(KeyCodec<K> codec, K key, Scratch scratch) throws IOException {
        Lookup lookup = lookups.take();
        try {
            lookup.set(codec, key);
            return read(lookup, scratch, (file, found, into) -> found.verified(file, into));
        } finally {
            lookups.give(lookup);
        }
    }

    /** Null when there is none. A record that compaction moves at this moment is looked up again, as by {@link StoreReads}. */
    private <T, R> @Nullable R read(Lookup lookup, T target, Step<T, R> step) throws IOException {
        IndexProbe probe = lookup.probe();
        gate.enter();
        try {
            boolean found = index.find(probe);
            while (found) {
                long fileId = probe.fileIndex();
                long offset = probe.offset();
                StoreFile file = store.files().get(fileId);
                if (file != null) {
                    try {
                        return step.at(file, lookup, target);
                    } catch (IllegalStateException | CorruptBlobException e) {
                        // Closed, or gone while an interrupted channel was opened again.
                        if (!file.isRetired()) {
                            throw e;
                        }
                    }
                }
                found = index.find(probe);
                if (file == null && found && probe.fileIndex() == fileId && probe.offset() == offset) {
                    throw StoreReads.missingFile(store, fileId, offset);
                }
            }
            return null;
        } finally {
            gate.exit();
        }
    }
}
