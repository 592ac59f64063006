package org.blobarena.index;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.blobarena.arena.Location;
import org.jspecify.annotations.Nullable;

/** The index as simple as it can be: a map on the heap, without files. For tests of what stands on an index. */
public final class HeapLocationIndex implements LocationIndex {

    private static final int CHUNK = 100;

    private final ConcurrentHashMap<KeyHash, Location> map;
    private final String name;

    HeapLocationIndex(ConcurrentHashMap<KeyHash, Location> map, String name) {
        this.map = map;
        this.name = name;
    }

    @Override
    public @Nullable Location get(KeyHash key) {
        return map.get(key);
    }

    @Override
    public boolean put(IndexProbe probe) {
        Location replaced = map.put(probe.hash(), probe.location());
        if (replaced != null) {
            probe.found(replaced);
        }
        return replaced != null;
    }

    @Override
    public void requireRoom(IndexProbe probe) {
        // There always is some.
    }

    @Override
    public @Nullable Location putIfAbsent(KeyHash key, Location location) {
        return map.putIfAbsent(key, location);
    }

    @Override
    public boolean replaceIfEqual(KeyHash key, Location expected, Location replacement) {
        return map.replace(key, expected, replacement);
    }

    @Override
    public boolean removeIfEqual(KeyHash key, Location expected) {
        return map.remove(key, expected);
    }

    @Override
    public long size() {
        return map.mappingCount();
    }

    @Override
    public long fileBytes() {
        return 0;
    }

    @Override
    public Cursor cursor() {
        Iterator<Map.Entry<KeyHash, Location>> entries =
                List.copyOf(map.entrySet()).iterator();
        return new Cursor() {
            @Override
            public boolean next(Visitor visitor) {
                boolean any = entries.hasNext();
                for (int i = 0; i < CHUNK && entries.hasNext(); i++) {
                    KeyHash key = entries.next().getKey();
                    Location location = map.get(key);
                    if (location != null) {
                        visitor.visit(key, location);
                    }
                }
                return any;
            }

            @Override
            public void close() {
                // Holds nothing.
            }
        };
    }

    @Override
    public String closeForReopening() throws IOException {
        return name;
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
