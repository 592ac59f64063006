package org.blobarena.jcache;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Steps on keys: what is done while the locks of the keys are held, and listeners are told before these are let go.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class KeySteps<K, V> {

    private final KeyLocks locks = new KeyLocks();
    private final KeyAccess.Shared<K, V> shared;

    KeySteps(KeyAccess.Shared<K, V> shared) {
        this.shared = shared;
    }

    /** Does a step on a key, and tells the listeners. */
    <T extends @Nullable Object> T onKey(K key, byte[] bytes, Function<KeyAccess<K, V>, T> step) {
        KeyLocks.Held held = locks.lock(bytes);
        try {
            List<JCacheEvent<K, V>> events = new ArrayList<>();
            T result;
            try {
                result = step.apply(new KeyAccess<>(shared, key, bytes, events));
            } catch (RuntimeException | Error e) {
                tellAfter(e, events);
                throw e;
            }
            shared.listeners().tell(events);
            return result;
        } finally {
            held.release();
        }
    }

    /** A step on many keys. */
    @FunctionalInterface
    interface Step<K, V> {

        void run(Map<K, KeyAccess<K, V>> accesses);
    }

    /** Does a step on many keys, and tells the listeners. */
    void onKeys(Collection<? extends K> keys, Step<K, V> step) {
        Map<K, byte[]> encoded = new LinkedHashMap<>();
        keys.forEach(key -> encoded.put(key, shared.records().encode(key)));
        KeyLocks.Held held = locks.lockAll(encoded.values());
        try {
            List<JCacheEvent<K, V>> events = new ArrayList<>();
            Map<K, KeyAccess<K, V>> accesses = new LinkedHashMap<>();
            try {
                encoded.forEach((key, bytes) -> accesses.put(key, new KeyAccess<>(shared, key, bytes, events)));
                step.run(accesses);
            } catch (RuntimeException | Error e) {
                tellAfter(e, events);
                throw e;
            }
            shared.listeners().tell(events);
        } finally {
            held.release();
        }
    }

    /** What has happened before a failure has happened all the same. */
    private void tellAfter(Throwable failure, List<JCacheEvent<K, V>> events) {
        try {
            shared.listeners().tell(events);
        } catch (RuntimeException | Error second) {
            failure.addSuppressed(second);
        }
    }
}
