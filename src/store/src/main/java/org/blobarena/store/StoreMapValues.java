package org.blobarena.store;

import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Predicate;
import org.blobarena.store.internal.record.Content;

/** The values of a {@link StoreMap}. */
final class StoreMapValues<V> extends AbstractCollection<V> {

    private final StoreMap<?, V> map;

    StoreMapValues(StoreMap<?, V> map) {
        this.map = map;
    }

    @Override
    public Iterator<V> iterator() {
        return valuesOf(map.entryIterator());
    }

    /** Without a size, which may have changed when a stream gets there. */
    @Override
    public Spliterator<V> spliterator() {
        return Spliterators.spliteratorUnknownSize(iterator(), Spliterator.NONNULL | Spliterator.CONCURRENT);
    }

    @Override
    public int size() {
        return map.size();
    }

    @Override
    public boolean contains(Object value) {
        return map.containsValue(value);
    }

    @Override
    public boolean remove(Object value) {
        Objects.requireNonNull(value, "value");
        for (Iterator<V> values = iterator(); values.hasNext(); ) {
            if (Content.same(values.next(), value)) {
                values.remove();
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean removeAll(Collection<?> gone) {
        Set<Content> values = Content.of(gone);
        return map.removeEntriesIf((key, entry) -> values.contains(new Content(entry.getValue())));
    }

    @Override
    public boolean retainAll(Collection<?> kept) {
        Set<Content> values = Content.of(kept);
        return map.removeEntriesIf((key, entry) -> !values.contains(new Content(entry.getValue())));
    }

    /** A value that is changed meanwhile is asked about again, and stays if the filter then lets it. */
    @Override
    public boolean removeIf(Predicate<? super V> filter) {
        Objects.requireNonNull(filter, "filter");
        return map.removeEntriesIf((key, entry) -> filter.test(entry.getValue()));
    }

    @Override
    public void clear() {
        map.clear();
    }

    private static <K, V> Iterator<V> valuesOf(Iterator<Map.Entry<K, V>> entries) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public V next() {
                return entries.next().getValue();
            }

            @Override
            public void remove() {
                entries.remove();
            }
        };
    }
}
