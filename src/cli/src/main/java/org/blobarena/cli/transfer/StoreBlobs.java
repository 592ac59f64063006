package org.blobarena.cli.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.blobarena.cli.text.Key;
import org.blobarena.store.BlobStore;
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
    public @Nullable InputStream openStream(Key key) throws IOException {
        return store.openStream(key);
    }

    @Override
    public void put(Key key, InputStream content) throws IOException {
        store.put(key, content);
    }

    @Override
    public boolean remove(Key key) throws IOException {
        return store.remove(key);
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
