package org.blobarena.store;

import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Predicate;
import org.blobarena.index.KeyHash;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.record.Content;
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
                && Content.same(map.get(entry.getKey()), entry.getValue());
    }

    @Override
    public boolean remove(@Nullable Object object) {
        return object instanceof Map.Entry<?, ?> entry
                && isComplete(entry)
                && map.remove(entry.getKey(), entry.getValue());
    }

    @Override
    public boolean removeAll(Collection<?> gone) {
        boolean removed = false;
        for (Object entry : gone) {
            removed |= remove(entry);
        }
        return removed;
    }

    @Override
    public boolean retainAll(Collection<?> kept) {
        Map<KeyHash, Set<Content>> values = new HashMap<>();
        for (Object object : kept) {
            if (object instanceof Map.Entry<?, ?> entry && isComplete(entry)) {
                EncodedKey key = map.sought(entry.getKey());
                if (key != null) {
                    values.computeIfAbsent(key.hash(), any -> new HashSet<>()).add(new Content(entry.getValue()));
                }
            }
        }
        return map.removeEntriesIf(
                (key, entry) -> !values.getOrDefault(key.hash(), Set.of()).contains(new Content(entry.getValue())));
    }

    /** An entry that is changed meanwhile is asked about again, and stays if the filter then lets it. */
    @Override
    public boolean removeIf(Predicate<? super Map.Entry<K, V>> filter) {
        Objects.requireNonNull(filter, "filter");
        return map.removeEntriesIf((key, entry) -> filter.test(entry));
    }

    /** Arrays are the same key, or the same value, when their content is. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other == this
                || (other instanceof Set<?> set
                        && set.size() == size()
                        && containsAll(set)
                        && map.hashes(keysOf(set)).size() == set.size());
    }

    /** Returns the sum of the hash codes of the entries, in which the content of arrays counts. */
    @Override
    public int hashCode() {
        return super.hashCode();
    }

    private static List<Object> keysOf(Collection<?> entries) {
        List<Object> keys = new ArrayList<>();
        for (Object entry : entries) {
            keys.add(((Map.Entry<?, ?>) entry).getKey());
        }
        return keys;
    }

    /** An entry with a null is not refused here, so that maps that have one can be compared with this one. */
    private static boolean isComplete(Map.Entry<?, ?> entry) {
        return entry.getKey() != null && entry.getValue() != null;
    }

    @Override
    public void clear() {
        map.clear();
    }
}
