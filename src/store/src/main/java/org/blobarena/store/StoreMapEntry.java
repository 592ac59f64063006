package org.blobarena.store;

import java.util.Map;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.record.Content;
import org.jspecify.annotations.Nullable;

/** An entry as an iterator read it. Setting its value writes to the store. */
final class StoreMapEntry<K, V> implements Map.Entry<K, V> {

    private final StoreMap<K, V> map;
    private final EncodedKey encoded;
    private final K key;
    private V value;

    /** @param encoded the key, whatever the user does to what he gets */
    StoreMapEntry(StoreMap<K, V> map, EncodedKey encoded, K key, V value) {
        this.map = map;
        this.encoded = encoded;
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
        map.set(encoded, newValue);
        V before = value;
        value = newValue;
        return before;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Map.Entry<?, ?> entry
                && Content.same(key, entry.getKey())
                && Content.same(value, entry.getValue());
    }

    @Override
    public int hashCode() {
        return Content.hash(key) ^ Content.hash(value);
    }

    @Override
    public String toString() {
        return key + "=" + value;
    }
}
