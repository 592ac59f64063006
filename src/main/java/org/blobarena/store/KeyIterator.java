package org.blobarena.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.blobarena.index.LocationIndex;
import org.jspecify.annotations.Nullable;

/** Reads keys group by group. For one thread. */
final class KeyIterator<K> implements Iterator<K> {

    private final StoreEngine engine;
    private final LocationIndex.Cursor cursor;
    private final KeyCodec<K> codec;
    private Iterator<StoreEngine.Found> group = Collections.emptyIterator();
    private boolean ended;
    private @Nullable K next;

    KeyIterator(StoreEngine engine, LocationIndex.Cursor cursor, KeyCodec<K> codec) {
        this.engine = engine;
        this.cursor = cursor;
        this.codec = codec;
    }

    @Override
    public boolean hasNext() {
        while (next == null && !ended) {
            if (group.hasNext()) {
                next = read(group.next());
            } else {
                List<StoreEngine.Found> following = engine.nextGroup(cursor);
                ended = following == null;
                group = following == null ? Collections.emptyIterator() : following.iterator();
            }
        }
        return next != null;
    }

    @Override
    public K next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        K key = next;
        next = null;
        return java.util.Objects.requireNonNull(key);
    }

    private @Nullable K read(StoreEngine.Found found) {
        try {
            byte[] key = engine.key(found.hash());
            return key == null ? null : codec.decode(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
