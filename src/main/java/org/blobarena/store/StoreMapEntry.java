package org.blobarena.store;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An entry as an iterator read it. Setting its value writes to the store. */
final class StoreMapEntry<K, V> implements Map.Entry<K, V> {

    private final StoreMap<K, V> map;
    private final K key;
    private V value;

    StoreMapEntry(StoreMap<K, V> map, K key, V value) {
        this.map = map;
        this.key = key;
        this.value = value;
    }

    @Override
    public K getKey() {
        return key;
    }

    @Override
    public V getValue() {
        return value;
    }

    @Override
    public V setValue(V newValue) {
        map.set(key, newValue);
        V before = value;
        value = newValue;
        return before;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Map.Entry<?, ?> entry
                && StoreMap.same(key, entry.getKey())
                && StoreMap.same(value, entry.getValue());
    }

    @Override
    public int hashCode() {
        return hash(key) ^ hash(value);
    }

    @Override
    public String toString() {
        return key + "=" + value;
    }

    private static int hash(Object object) {
        return object instanceof byte[] bytes ? Arrays.hashCode(bytes) : object.hashCode();
    }
}
