package org.blobarena.store;

import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import org.blobarena.index.KeyHash;
import org.blobarena.store.internal.record.Content;
import org.jspecify.annotations.Nullable;

/** The keys of a {@link StoreMap}, which needs no blob for them. */
final class StoreMapKeys<K> extends AbstractSet<K> {

    private final StoreMap<K, ?> map;

    StoreMapKeys(StoreMap<K, ?> map) {
        this.map = map;
    }

    @Override
    public Iterator<K> iterator() {
        return map.keyIterator();
    }

    /** Without a size, which may have changed when a stream gets there. */
    @Override
    public Spliterator<K> spliterator() {
        return Spliterators.spliteratorUnknownSize(
                iterator(), Spliterator.DISTINCT | Spliterator.NONNULL | Spliterator.CONCURRENT);
    }

    @Override
    public int size() {
        return map.size();
    }

    @Override
    public boolean contains(Object key) {
        return map.containsKey(key);
    }

    @Override
    public boolean containsAll(Collection<?> keys) {
        for (Object key : keys) {
            if (key == null || !map.containsKey(key)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean remove(Object key) {
        return map.removeKey(key);
    }

    @Override
    public boolean removeAll(Collection<?> gone) {
        boolean removed = false;
        for (Object key : gone) {
            removed |= key != null && map.removeKey(key);
        }
        return removed;
    }

    @Override
    public boolean retainAll(Collection<?> kept) {
        Set<KeyHash> hashes = map.hashes(kept);
        return map.removeKeysIf(key -> !hashes.contains(key.hash()));
    }

    /** Arrays are the same key when their content is. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other == this
                || (other instanceof Set<?> set
                        && set.size() == size()
                        && containsAll(set)
                        && map.hashes(set).size() == set.size());
    }

    @Override
    public int hashCode() {
        int sum = 0;
        for (K key : this) {
            sum += Content.hash(key);
        }
        return sum;
    }

    @Override
    public void clear() {
        map.clear();
    }
}
