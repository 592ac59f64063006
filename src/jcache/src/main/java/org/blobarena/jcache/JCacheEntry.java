package org.blobarena.jcache;

import javax.cache.Cache;

/**
 * An entry that an iteration has found, as it was then.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
record JCacheEntry<K, V>(K key, V value) implements Cache.Entry<K, V> {

    @Override
    public K getKey() {
        return key;
    }

    @Override
    public V getValue() {
        return value;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        return unwrap(this, type);
    }

    /** Returns an object as one of a type, as all methods of this name do. */
    static <T> T unwrap(Object object, Class<T> type) {
        if (!type.isInstance(object)) {
            throw new IllegalArgumentException(object.getClass() + " is no " + type);
        }
        return type.cast(object);
    }
}
