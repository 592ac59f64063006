package org.blobarena.store;

import java.nio.ByteBuffer;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.apache.commons.io.function.Uncheck;
import org.blobarena.format.Limits;
import org.jspecify.annotations.Nullable;

/**
 * A store as a map; see {@link BlobStore#asMap(ValueCodec)}.
 *
 * @param <K> the keys
 * @param <V> the values
 */
final class StoreMap<K, V> extends AbstractMap<K, V> implements ConcurrentMap<K, V> {

    private final BlobStore<K> store;
    private final StoreEngine engine;
    private final KeyCodec<K> keys;
    private final ValueCodec<V> values;
    private final ConditionalWrites writes;

    StoreMap(BlobStore<K> store, StoreEngine engine, KeyCodec<K> keys, ValueCodec<V> values) {
        this.store = store;
        this.engine = engine;
        this.keys = keys;
        this.values = values;
        this.writes = new ConditionalWrites(engine, store.mode());
    }

    // ---- reading

    @Override
    public int size() {
        return (int) Math.min(Integer.MAX_VALUE, store.size());
    }

    @Override
    public boolean isEmpty() {
        return store.size() == 0;
    }

    @Override
    public boolean containsKey(Object key) {
        EncodedKey sought = sought(key);
        return sought != null && engine.locate(sought) != null;
    }

    @Override
    public @Nullable V get(Object key) {
        EncodedKey sought = sought(key);
        return sought == null ? null : decoded(Uncheck.get(() -> engine.get(sought)));
    }

    @Override
    public boolean containsValue(Object value) {
        Objects.requireNonNull(value, "value");
        for (Entry<K, V> entry : entrySet()) {
            if (same(entry.getValue(), value)) {
                return true;
            }
        }
        return false;
    }

    // ---- writing

    @Override
    public @Nullable V put(K key, V value) {
        byte[] blob = encoded(value);
        return decoded(Uncheck.get(() -> writes.put(encodedKey(key), before -> true, blob))
                .before());
    }

    @Override
    public @Nullable V putIfAbsent(K key, V value) {
        byte[] blob = encoded(value);
        return decoded(Uncheck.get(() -> writes.put(encodedKey(key), Objects::isNull, blob))
                .before());
    }

    @Override
    public @Nullable V replace(K key, V value) {
        byte[] blob = encoded(value);
        return decoded(Uncheck.get(() -> writes.put(encodedKey(key), Objects::nonNull, blob))
                .before());
    }

    @Override
    public boolean replace(K key, V oldValue, V newValue) {
        Objects.requireNonNull(oldValue, "oldValue");
        byte[] blob = encoded(newValue);
        return Uncheck.get(() -> writes.put(encodedKey(key), before -> isOf(before, oldValue), blob))
                .isDone();
    }

    @Override
    public @Nullable V remove(Object key) {
        EncodedKey sought = sought(key);
        return sought == null
                ? null
                : decoded(
                        Uncheck.get(() -> writes.remove(sought, before -> true)).before());
    }

    @Override
    public boolean remove(Object key, Object value) {
        Objects.requireNonNull(value, "value");
        EncodedKey sought = sought(key);
        return sought != null
                && Uncheck.get(() -> writes.remove(sought, before -> isOf(before, value)))
                        .isDone();
    }

    /** As one batch. */
    @Override
    public void putAll(Map<? extends K, ? extends V> map) {
        BatchWriter batch = new BatchWriter(engine.writes(), store.mode());
        map.forEach((key, value) -> Uncheck.run(
                () -> batch.addPut(keys.encode(Objects.requireNonNull(key, "key")), ByteBuffer.wrap(encoded(value)))));
        Uncheck.run(batch::put);
    }

    /** Removes the keys that an iteration finds, in batches. */
    @Override
    public void clear() {
        List<K> batch = new ArrayList<>();
        try (Stream<K> all = store.keys()) {
            for (Iterator<K> iterator = all.iterator(); iterator.hasNext(); ) {
                batch.add(iterator.next());
                if (batch.size() == BatchWriter.GROUP_KEYS_MAX || !iterator.hasNext()) {
                    Uncheck.accept(store::removeAll, batch);
                    batch.clear();
                }
            }
        }
    }

    // ---- views

    @Override
    public Set<Entry<K, V>> entrySet() {
        return new StoreMapEntries<>(this);
    }

    @Override
    public Set<K> keySet() {
        return new StoreMapKeys<>(this);
    }

    @Override
    public Collection<V> values() {
        return new StoreMapValues<>(this);
    }

    Iterator<Entry<K, V>> entryIterator() {
        return new StoreMapIterator<>(
                engine,
                cursor -> new StoreIterator<>(engine, cursor, found -> {
                    org.blobarena.store.Entry entry = engine.entry(found.hash());
                    return entry == null
                            ? null
                            : new StoreMapEntry<>(this, keys.decode(entry.key()), values.decode(entry.payload()));
                }),
                entry -> removeKey(entry.getKey()));
    }

    Iterator<K> keyIterator() {
        return new StoreMapIterator<>(engine, store::keys, this::removeKey);
    }

    /** Removes a key without reading its blob. */
    boolean removeKey(Object key) {
        EncodedKey sought = sought(key);
        return sought != null
                && Uncheck.getAsBoolean(() -> engine.writes().removeIf(sought, present -> true, engine.durability()));
    }

    /** Stores a blob without reading the one that it replaces. */
    void set(K key, V value) {
        byte[] blob = encoded(value);
        Uncheck.run(() -> store.put(key, blob));
    }

    // ---- comparing

    @Override
    public boolean equals(@Nullable Object other) {
        return other == this
                || (other instanceof Map<?, ?> map
                        && map.size() == size()
                        && entrySet().containsAll(map.entrySet()));
    }

    /** The sum of the entries' hash codes, in which the content of arrays counts. */
    @Override
    public int hashCode() {
        return super.hashCode();
    }

    /** Equality of keys and values: by content for arrays. */
    static boolean same(@Nullable Object a, @Nullable Object b) {
        return Objects.deepEquals(a, b);
    }

    // ---- codecs

    /** The encoding of what may be a key, or null when nothing with it can be in the store. */
    @SuppressWarnings("unchecked") // found out by the codec
    private @Nullable EncodedKey sought(Object key) {
        Objects.requireNonNull(key, "key");
        byte[] bytes;
        try {
            bytes = keys.encode((K) key);
        } catch (ClassCastException | IllegalArgumentException e) {
            return null;
        }
        return bytes.length > Limits.KEY_BYTES_MAX ? null : engine.encoded(bytes);
    }

    private EncodedKey encodedKey(K key) {
        return engine.encoded(keys.encode(Objects.requireNonNull(key, "key")));
    }

    private byte[] encoded(V value) {
        return values.encode(Objects.requireNonNull(value, "value"));
    }

    private @Nullable V decoded(byte @Nullable [] blob) {
        return blob == null ? null : values.decode(blob);
    }

    private boolean isOf(byte @Nullable [] blob, Object value) {
        return blob != null && same(values.decode(blob), value);
    }
}
