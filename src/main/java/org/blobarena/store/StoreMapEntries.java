package org.blobarena.store;

import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import org.jspecify.annotations.Nullable;

/** The entries of a {@link StoreMap}. */
final class StoreMapEntries<K, V> extends AbstractSet<Map.Entry<K, V>> {

    private final StoreMap<K, V> map;

    StoreMapEntries(StoreMap<K, V> map) {
        this.map = map;
    }

    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
        return map.entryIterator();
    }

    /** Without a size, which may have changed when a stream gets there. */
    @Override
    public Spliterator<Map.Entry<K, V>> spliterator() {
        return Spliterators.spliteratorUnknownSize(
                iterator(), Spliterator.DISTINCT | Spliterator.NONNULL | Spliterator.CONCURRENT);
    }

    @Override
    public int size() {
        return map.size();
    }

    @Override
    public boolean contains(@Nullable Object object) {
        return object instanceof Map.Entry<?, ?> entry
                && isComplete(entry)
                && StoreMap.same(map.get(entry.getKey()), entry.getValue());
    }

    @Override
    public boolean remove(@Nullable Object object) {
        return object instanceof Map.Entry<?, ?> entry
                && isComplete(entry)
                && map.remove(entry.getKey(), entry.getValue());
    }

    /** An entry with a null is not refused here, lest maps that have one cannot be compared with this one. */
    private static boolean isComplete(Map.Entry<?, ?> entry) {
        return entry.getKey() != null && entry.getValue() != null;
    }

    @Override
    public void clear() {
        map.clear();
    }
}
