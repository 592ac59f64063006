package org.blobarena.bench.engine;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;

/** A store that is a map. */
class MapEngine implements Engine {

    private final Map<byte[], byte[]> map;
    private final Closeable store;

    /** @param store what is to be closed */
    MapEngine(Map<byte[], byte[]> map, Closeable store) {
        this.map = map;
        this.store = store;
    }

    @Override
    public void put(byte[] key, byte[] blob) {
        map.put(key, blob);
    }

    @Override
    public byte[] get(byte[] key) {
        return map.get(key);
    }

    @Override
    public boolean contains(byte[] key) {
        return map.containsKey(key);
    }

    @Override
    public void delete(byte[] key) {
        map.remove(key);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
