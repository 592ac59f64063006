package org.blobarena.store.testing;

import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.blobarena.store.internal.record.Entry;
import org.jspecify.annotations.Nullable;

/**
 * A map of arrays, for tests that compare what they put in with what they get out. Every call goes to the same method of
 * the map or its view, with arrays that nobody has seen before, so that nothing but their content can count.
 */
public final class ArrayMapAdapter extends AbstractMap<ArrayMapAdapter.Bytes, ArrayMapAdapter.Bytes>
        implements ConcurrentMap<ArrayMapAdapter.Bytes, ArrayMapAdapter.Bytes> {

    private final ConcurrentMap<byte[], byte[]> arrays;

    public ArrayMapAdapter(ConcurrentMap<byte[], byte[]> arrays) {
        this.arrays = arrays;
    }

    /** The content of an array. */
    public record Bytes(List<Byte> content) {

        public static Bytes of(String text) {
            return new Bytes(text.chars().mapToObj(c -> (byte) c).toList());
        }

        public static @Nullable Bytes of(byte @Nullable [] array) {
            if (array == null) {
                return null;
            }
            List<Byte> content = new ArrayList<>();
            for (byte b : array) {
                content.add(b);
            }
            return new Bytes(content);
        }

        byte[] array() {
            byte[] array = new byte[content.size()];
            for (int i = 0; i < array.length; i++) {
                array[i] = content.get(i);
            }
            return array;
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(array());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Bytes bytes && content.equals(bytes.content);
        }
    }

    /** What stands for an object of the tests in the map of arrays. */
    private static Object inner(Object outer) {
        if (outer instanceof Bytes bytes) {
            return bytes.array();
        }
        if (outer instanceof Map.Entry<?, ?> entry) {
            return new SimpleEntry<>(inner(entry.getKey()), inner(entry.getValue()));
        }
        return outer;
    }

    private static Collection<Object> inner(Collection<?> outer) {
        if (outer instanceof Set<?> set) {
            return innerSet(set);
        }
        List<Object> inner = new ArrayList<>();
        outer.forEach(object -> inner.add(inner(object)));
        return inner;
    }

    private static Set<Object> innerSet(Set<?> outer) {
        Set<Object> inner = Collections.newSetFromMap(new IdentityHashMap<>());
        outer.forEach(object -> inner.add(inner(object)));
        return inner;
    }

    @Override
    public @Nullable Bytes get(Object key) {
        return Bytes.of(arrays.get(inner(key)));
    }

    @Override
    public boolean containsKey(Object key) {
        return arrays.containsKey(inner(key));
    }

    @Override
    public boolean containsValue(Object value) {
        return arrays.containsValue(inner(value));
    }

    @Override
    public int size() {
        return arrays.size();
    }

    @Override
    public @Nullable Bytes put(Bytes key, Bytes value) {
        return Bytes.of(arrays.put(key.array(), value.array()));
    }

    @Override
    public @Nullable Bytes putIfAbsent(Bytes key, Bytes value) {
        return Bytes.of(arrays.putIfAbsent(key.array(), value.array()));
    }

    @Override
    public @Nullable Bytes remove(Object key) {
        return Bytes.of(arrays.remove(inner(key)));
    }

    @Override
    public boolean remove(Object key, Object value) {
        return arrays.remove(inner(key), inner(value));
    }

    @Override
    public boolean replace(Bytes key, Bytes oldValue, Bytes newValue) {
        return arrays.replace(key.array(), oldValue.array(), newValue.array());
    }

    @Override
    public @Nullable Bytes replace(Bytes key, Bytes value) {
        return Bytes.of(arrays.replace(key.array(), value.array()));
    }

    @Override
    public void clear() {
        arrays.clear();
    }

    @Override
    public Set<Bytes> keySet() {
        return new ViewSet<>(arrays.keySet(), Bytes::of);
    }

    @Override
    public Collection<Bytes> values() {
        return new View<>(arrays.values(), Bytes::of);
    }

    @Override
    public Set<Entry<Bytes, Bytes>> entrySet() {
        return new ViewSet<>(arrays.entrySet(), OuterEntry::new);
    }

    @Override
    public int hashCode() {
        return arrays.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Map<?, ?> map)) {
            return false;
        }
        IdentityHashMap<Object, Object> inner = new IdentityHashMap<>();
        map.forEach((key, value) -> inner.put(inner(key), inner(value)));
        return arrays.equals(inner);
    }

    /** An entry of the map of arrays. */
    private static final class OuterEntry implements Entry<Bytes, Bytes> {

        private final Entry<byte[], byte[]> inner;

        OuterEntry(Entry<byte[], byte[]> inner) {
            this.inner = inner;
        }

        @Override
        public Bytes getKey() {
            return Bytes.of(inner.getKey());
        }

        @Override
        public Bytes getValue() {
            return Bytes.of(inner.getValue());
        }

        @Override
        public Bytes setValue(Bytes value) {
            return Bytes.of(inner.setValue(value.array()));
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Entry<?, ?> entry && inner.equals(inner(entry));
        }

        @Override
        public int hashCode() {
            return inner.hashCode();
        }

        @Override
        public String toString() {
            return getKey() + "=" + getValue();
        }
    }

    /** A view of the map of arrays. */
    private static final class View<I, O> extends AbstractCollection<O> {

        private final Collection<I> inner;
        private final Function<I, O> outer;

        View(Collection<I> inner, Function<I, O> outer) {
            this.inner = inner;
            this.outer = outer;
        }

        @Override
        public Iterator<O> iterator() {
            return outerIterator(inner.iterator(), outer);
        }

        @Override
        public int size() {
            return inner.size();
        }

        @Override
        public boolean contains(Object object) {
            return inner.contains(inner(object));
        }

        @Override
        public boolean containsAll(Collection<?> objects) {
            return inner.containsAll(inner(objects));
        }

        @Override
        public boolean remove(Object object) {
            return inner.remove(inner(object));
        }

        @Override
        public boolean removeAll(Collection<?> objects) {
            return inner.removeAll(inner(objects));
        }

        @Override
        public boolean retainAll(Collection<?> objects) {
            return inner.retainAll(inner(objects));
        }

        @Override
        public boolean removeIf(Predicate<? super O> filter) {
            return inner.removeIf(object -> filter.test(outer.apply(object)));
        }

        @Override
        public void clear() {
            inner.clear();
        }
    }

    /** A view of the map of arrays that is a set. */
    private static final class ViewSet<I, O> extends AbstractSet<O> {

        private final Set<I> inner;
        private final View<I, O> view;

        ViewSet(Set<I> inner, Function<I, O> outer) {
            this.inner = inner;
            this.view = new View<>(inner, outer);
        }

        @Override
        public Iterator<O> iterator() {
            return view.iterator();
        }

        @Override
        public int size() {
            return view.size();
        }

        @Override
        public boolean contains(Object object) {
            return view.contains(object);
        }

        @Override
        public boolean containsAll(Collection<?> objects) {
            return view.containsAll(objects);
        }

        @Override
        public boolean remove(Object object) {
            return view.remove(object);
        }

        @Override
        public boolean removeAll(Collection<?> objects) {
            return view.removeAll(objects);
        }

        @Override
        public boolean retainAll(Collection<?> objects) {
            return view.retainAll(objects);
        }

        @Override
        public boolean removeIf(Predicate<? super O> filter) {
            return view.removeIf(filter);
        }

        @Override
        public void clear() {
            view.clear();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Set<?> set && inner.equals(innerSet(set));
        }

        @Override
        public int hashCode() {
            return inner.hashCode();
        }
    }

    private static <I, O> Iterator<O> outerIterator(Iterator<I> inner, Function<I, O> outer) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return inner.hasNext();
            }

            @Override
            public O next() {
                return outer.apply(inner.next());
            }

            @Override
            public void remove() {
                inner.remove();
            }
        };
    }
}
