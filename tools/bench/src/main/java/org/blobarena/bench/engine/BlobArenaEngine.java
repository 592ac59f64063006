package org.blobarena.bench.engine;

import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.arena.ReadMode;
import org.blobarena.store.BlobStore;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;

/** BlobArena, with arena files small enough for compaction to have victims at these sizes. */
final class BlobArenaEngine implements Engine {

    private static final long ARENA_BYTES_MAX = 64 << 20;
    private static final double DEAD_SHARE_MAX = 0.30;

    private final BlobStore<byte[]> store;

    private BlobArenaEngine(BlobStore<byte[]> store) {
        this.store = store;
    }

    static Engine open(Path directory, IndexKind index, Durability durability) throws IOException {
        return open(directory, index, durability, ReadMode.POSITIONAL);
    }

    static Engine open(Path directory, IndexKind index, Durability durability, ReadMode readMode) throws IOException {
        return new BlobArenaEngine(BlobStore.builder(KeyCodec.bytes())
                .index(index)
                .durability(durability)
                .readMode(readMode)
                .arenaBytesMax(ARENA_BYTES_MAX)
                .maxDeadShare(DEAD_SHARE_MAX)
                .open(directory));
    }

    @Override
    public void put(byte[] key, byte[] blob) throws IOException {
        store.put(key, blob);
    }

    @Override
    public byte[] get(byte[] key) throws IOException {
        return store.get(key);
    }

    @Override
    public boolean contains(byte[] key) throws IOException {
        return store.contains(key);
    }

    @Override
    public void delete(byte[] key) throws IOException {
        store.remove(key);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
