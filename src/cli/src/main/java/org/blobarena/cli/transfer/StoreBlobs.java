package org.blobarena.cli.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.blobarena.cli.text.Key;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;

/** Blobs of a store that has one for each key. */
public record StoreBlobs(BlobStore<Key> store) implements KeyedBlobs {

    @Override
    public Stream<Key> keys() {
        return store.keys();
    }

    @Override
    public boolean contains(Key key) {
        return store.contains(key);
    }

    @Override
    public OptionalLong sizeOf(Key key) throws IOException {
        return store.sizeOf(key);
    }

    @Override
    public @Nullable RecordInfo describe(Key key) throws IOException {
        return store.describe(key);
    }

    @Override
    public @Nullable InputStream openStream(Key key) throws IOException {
        return store.openStream(key);
    }

    @Override
    public void put(Key key, InputStream content) throws IOException {
        store.put(key, content);
    }

    @Override
    public void put(Key key, InputStream content, Expiry expiry) throws IOException {
        store.withExpiry(expiry).put(key, content);
    }

    @Override
    public boolean remove(Key key) throws IOException {
        return store.remove(key);
    }

    @Override
    public Map<String, StoreStats> stats() {
        return Map.of("", store.stats());
    }

    @Override
    public List<FileStats> fileStats() {
        return store.fileStats();
    }

    @Override
    public List<Verified> verify(Pace pace) throws IOException {
        return List.of(new Verified(store.verify(pace), store.stats().opening(), List.of()));
    }

    @Override
    public long bytes() {
        return store.stats().liveBytes();
    }

    @Override
    public String summary() {
        return "";
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
