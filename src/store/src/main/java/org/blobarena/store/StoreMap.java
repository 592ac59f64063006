package org.blobarena.store;

import java.nio.ByteBuffer;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.commons.io.function.Uncheck;
import org.blobarena.format.Limits;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.OwnedBytes;
import org.blobarena.store.internal.engine.BatchWriter;
import org.blobarena.store.internal.engine.ConditionalWrites;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.internal.engine.StoreIterator;
import org.blobarena.store.internal.engine.StoreReads;
import org.blobarena.store.internal.engine.VersionedBlob;
import org.blobarena.store.internal.record.Content;
import org.blobarena.store.internal.record.Entry;
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
    private final StoreReads reads;
    private final KeyCodec<K> keys;
    private final ValueCodec<V> values;
    private final ConditionalWrites writes;

    StoreMap(BlobStore<K> store, StoreEngine engine, KeyCodec<K> keys, ValueCodec<V> values) {
        this.store = store;
        this.engine = engine;
        this.reads = engine.reads();
        this.keys = keys;
        this.values = values;
        this.writes = new ConditionalWrites(engine, store.options());
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
        return sought != null && Uncheck.getAsBoolean(() -> reads.contains(sought));
    }

    @Override
    public @Nullable V get(Object key) {
        EncodedKey sought = sought(key);
        return sought == null ? null : decoded(Uncheck.get(() -> reads.get(sought)));
    }

    @Override
    public boolean containsValue(Object value) {
        Objects.requireNonNull(value, "value");
        for (Entry<K, V> entry : entrySet()) {
            if (Content.same(entry.getValue(), value)) {
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

    @Override
    public @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> function) {
        Objects.requireNonNull(function, "function");
        EncodedKey encoded = encodedKey(key); // Once: the function has the key in its hands.
        V present = decoded(Uncheck.get(() -> reads.get(encoded)));
        V value = present == null ? function.apply(key) : null;
        if (value == null) {
            return present;
        }
        byte[] blob = encoded(value);
        V before = decoded(
                Uncheck.get(() -> writes.put(encoded, Objects::isNull, blob)).before());
        return before == null ? value : before;
    }

    @Override
    public @Nullable V compute(K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
        return change(key, value -> function.apply(key, value));
    }

    @Override
    public @Nullable V computeIfPresent(K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
        Objects.requireNonNull(function, "function");
        return change(key, value -> value == null ? null : function.apply(key, value));
    }

    @Override
    public @Nullable V merge(K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(function, "function");
        return change(key, present -> present == null ? value : function.apply(present, value));
    }

    @Override
    public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
        for (K key : keySet()) {
            computeIfPresent(key, (same, value) -> Objects.requireNonNull(function.apply(same, value), "value"));
        }
    }

    /**
     * Gives a key what a function makes of its value, as one atomic step. Whether the value is still the same is a question
     * of the record and not of {@code equals}: the function may change what it gets and give it back.
     *
     * @param function may run several times; null stands for an absent key
     */
    private @Nullable V change(K key, Function<@Nullable V, @Nullable V> function) {
        EncodedKey encoded = encodedKey(key);
        while (true) {
            VersionedBlob current = Uncheck.get(() -> reads.current(encoded));
            V value = function.apply(decoded(current.payload()));
            if (value == null && current.payload() == null) {
                return null;
            }
            if (write(encoded, current, value)) {
                return value;
            }
        }
    }

    private boolean write(EncodedKey key, VersionedBlob expected, @Nullable V value) {
        if (value == null) {
            return Uncheck.getAsBoolean(() -> engine.writes()
                    .removeIf(key, expected::isStill, store.options().durability()));
        }
        ByteBuffer blob = ByteBuffer.wrap(encoded(value));
        return Uncheck.getAsBoolean(() -> engine.writes().putIf(key, expected::isStill, blob, store.options()));
    }

    /** Puts all entries as one batch. */
    @Override
    public void putAll(Map<? extends K, ? extends V> map) {
        BatchWriter batch = new BatchWriter(engine.writes(), store.options());
        map.forEach((key, value) -> batch.addPut(encodedKey(key), ByteBuffer.wrap(encoded(value))));
        long unused = Uncheck.getAsLong(batch::write);
    }

    /** Removes the keys that an iteration finds, in batches. */
    @Override
    public void clear() {
        List<K> batch = new ArrayList<>();
        try (Stream<K> all = store.keys()) {
            for (Iterator<K> iterator = all.iterator(); iterator.hasNext(); ) {
                batch.add(iterator.next());
                if (batch.size() == BatchWriter.CHUNK_KEYS_MAX || !iterator.hasNext()) {
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

    StoreMapIterator<Entry<K, V>> entryIterator() {
        return new StoreMapIterator<>(
                reads,
                cursor -> new StoreIterator<>(reads, cursor, found -> {
                    org.blobarena.store.internal.record.Entry entry = reads.entry(found.hash());
                    if (entry == null) {
                        return null;
                    }
                    EncodedKey key = new EncodedKey(entry.key(), found.hash());
                    return new StoreMapIterator.Element<>(
                            key, new StoreMapEntry<>(this, key, decoded(key), values.decode(entry.payload())));
                }),
                this::removeKey);
    }

    StoreMapIterator<K> keyIterator() {
        return new StoreMapIterator<>(
                reads,
                cursor -> new StoreIterator<>(reads, cursor, found -> {
                    byte[] bytes = reads.key(found.hash());
                    if (bytes == null) {
                        return null;
                    }
                    EncodedKey key = new EncodedKey(bytes, found.hash());
                    return new StoreMapIterator.Element<>(key, decoded(key));
                }),
                this::removeKey);
    }

    /** Removes a key without reading its blob. */
    boolean removeKey(Object key) {
        EncodedKey sought = sought(key);
        return sought != null && removeKey(sought);
    }

    private boolean removeKey(EncodedKey key) {
        return Uncheck.getAsBoolean(() ->
                engine.writes().removeIf(key, present -> true, store.options().durability()));
    }

    /** Removes the keys that a filter takes, without reading their blobs; whether there were any. */
    boolean removeKeysIf(Predicate<EncodedKey> filter) {
        boolean removed = false;
        for (StoreMapIterator<K> all = keyIterator(); all.hasNext(); ) {
            EncodedKey key = all.nextElement().key();
            removed |= filter.test(key) && removeKey(key);
        }
        return removed;
    }

    /** Removes the entries that a filter takes, which may be asked again about one; whether there were any. */
    boolean removeEntriesIf(BiPredicate<EncodedKey, Entry<K, V>> filter) {
        boolean removed = false;
        for (StoreMapIterator<Entry<K, V>> all = entryIterator(); all.hasNext(); ) {
            StoreMapIterator.Element<Entry<K, V>> element = all.nextElement();
            EncodedKey key = element.key();
            removed |= filter.test(key, element.given())
                    && Uncheck.get(() -> writes.remove(key, blob -> filter.test(key, entry(key, blob))))
                            .isDone();
        }
        return removed;
    }

    private Entry<K, V> entry(EncodedKey key, byte[] blob) {
        return new StoreMapEntry<>(this, key, decoded(key), values.decode(blob));
    }

    /** Stores a blob without reading the one that it replaces. */
    void set(EncodedKey key, V value) {
        byte[] blob = encoded(value);
        Uncheck.run(() -> engine.writes().put(key, ByteBuffer.wrap(blob), store.options()));
    }

    /** What the keys of a collection are known by, but for those that cannot be in the store. */
    Set<KeyHash> hashes(Collection<?> mayBeKeys) {
        Set<KeyHash> hashes = new HashSet<>();
        for (Object object : mayBeKeys) {
            EncodedKey key = object == null ? null : sought(object);
            if (key != null) {
                hashes.add(key.hash());
            }
        }
        return hashes;
    }

    // ---- comparing

    @Override
    public boolean equals(@Nullable Object other) {
        return other == this || (other instanceof Map<?, ?> map && entrySet().equals(map.entrySet()));
    }

    /** Returns the sum of the entries' hash codes, in which the content of arrays counts. */
    @Override
    public int hashCode() {
        return super.hashCode();
    }

    // ---- codecs

    /** The encoding of what may be a key, or null when nothing with it can be in the store. */
    @SuppressWarnings("unchecked") // found out by the codec
    @Nullable EncodedKey sought(Object key) {
        Objects.requireNonNull(key, "key");
        byte[] bytes;
        try {
            bytes = EncodedKey.bytesOf(keys, (K) key);
        } catch (ClassCastException | IllegalArgumentException e) {
            return null;
        }
        return bytes.length > Limits.KEY_BYTES_MAX ? null : engine.encoded(bytes);
    }

    private EncodedKey encodedKey(K key) {
        return engine.encoded(EncodedKey.bytesOf(keys, key));
    }

    private byte[] encoded(V value) {
        return OwnedBytes.of(values, value);
    }

    /** The codec may keep what it gets, and the user change that. */
    private K decoded(EncodedKey key) {
        return keys.decode(key.bytes().clone());
    }

    private @Nullable V decoded(byte @Nullable [] blob) {
        return blob == null ? null : values.decode(blob);
    }

    private boolean isOf(byte @Nullable [] blob, Object value) {
        return blob != null && Content.same(values.decode(blob), value);
    }
}
