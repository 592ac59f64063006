package org.blobarena.jcache;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.integration.CacheWriterException;
import javax.cache.integration.CompletionListener;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorException;
import javax.cache.processor.EntryProcessorResult;
import org.jspecify.annotations.Nullable;

/**
 * A cache of JCache on the disk.
 *
 * <p>What changes a key is done while its lock is held, with what loaders, writers, processors and synchronous listeners do in
 * it. Reads take no lock unless they find nothing, or something that has expired or lives longer for being read.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class JCache<K, V> implements Cache<K, V> {

    /** So many keys are removed together when all are. */
    private static final int BATCH_KEYS = 1000;

    private final JCacheManager manager;
    private final String name;
    private final BlobCacheConfiguration<K, V> configuration;
    private final Records<K, V> records;
    private final Expiries expiries;
    private final Background background;
    private final Listeners<K, V> listeners;
    private final Loading<K, V> loading;
    private final Statistics statistics;
    private final Beans managementBean;
    private final Beans statisticsBean;
    private final KeySteps<K, V> steps;
    private final AtomicBoolean closed = new AtomicBoolean();

    JCache(
            JCacheManager manager,
            String name,
            BlobCacheConfiguration<K, V> configuration,
            Records<K, V> records,
            Expiries expiries) {
        this.manager = manager;
        this.name = name;
        this.configuration = configuration;
        this.records = records;
        this.expiries = expiries;
        this.background = new Background(name);
        this.listeners = new Listeners<>(background);
        this.loading = new Loading<>(configuration);
        this.statistics = new Statistics(records::evictions);
        this.managementBean =
                new Beans("CacheConfiguration", manager.getURI(), name, new Beans.ConfigurationBean(configuration));
        this.statisticsBean = new Beans("CacheStatistics", manager.getURI(), name, statistics);
        this.steps = new KeySteps<>(new KeyAccess.Shared<>(this, records, expiries, listeners));
        configuration.getCacheEntryListenerConfigurations().forEach(listeners::register);
        enableManagement(configuration.isManagementEnabled());
        enableStatistics(configuration.isStatisticsEnabled());
    }

    // ---- one key

    @Override
    public @Nullable V get(K key) {
        requireOpen();
        byte[] bytes = records.encode(key);
        V value = find(key, bytes);
        return value == null && loading.isReadThrough() ? onKey(key, bytes, this::load) : value;
    }

    /** Returns what is there, and counts the request. */
    private @Nullable V find(K key, byte[] bytes) {
        long start = statistics.start();
        StoredValue found = records.read(bytes);
        V value = null;
        if (found != null && found.hasExpired(now())) {
            value = onKey(key, bytes, KeyAccess::value); // Removed, unless it is another one by now.
        } else if (found != null) {
            value = records.decode(found);
        }
        if (found != null && value != null) {
            used(key, bytes, found);
        }
        statistics.hit(value != null);
        statistics.got(start);
        return value;
    }

    private @Nullable V load(KeyAccess<K, V> access) {
        V value = access.value();
        if (value == null) {
            value = loading.load(access.key());
            if (value != null) {
                access.putLoaded(value);
            }
        }
        return value;
    }

    /** Tells the expiry that an entry was read; what follows from it may have to be written. */
    private void used(K key, byte[] bytes, StoredValue found) {
        long moment = expiries.atAccess();
        if (expiries.isWorthWriting(found.expiresAt(), moment)) {
            Object unused = onKey(key, bytes, access -> {
                access.useUntil(moment);
                return this;
            });
        }
    }

    @Override
    public boolean containsKey(K key) {
        requireOpen();
        byte[] bytes = records.encode(key);
        StoredValue found = records.read(bytes);
        if (found != null && found.hasExpired(now())) {
            expire(key, bytes);
            return false;
        }
        return found != null && records.decode(found) != null;
    }

    /** Removes an entry if it has expired. */
    void expire(K key, byte[] bytes) {
        boolean unused = onKey(key, bytes, KeyAccess::exists);
    }

    /** Says that an iteration has come to an entry. */
    void iterated(K key, byte[] bytes, StoredValue found) {
        long start = statistics.start();
        used(key, bytes, found);
        statistics.hit(true);
        statistics.got(start);
    }

    @Override
    public void put(K key, V value) {
        boolean unused = onKey(key, value, access -> {
            long start = statistics.start();
            return write(access, value, start);
        });
    }

    private boolean write(KeyAccess<K, V> access, V value, long start) {
        loading.write(access.key(), value);
        boolean there = access.put(value);
        statistics.put(start, there ? 1 : 0);
        return there;
    }

    @Override
    public @Nullable V getAndPut(K key, V value) {
        return onKey(key, value, access -> {
            long start = statistics.start();
            V old = got(access, start);
            boolean unused = write(access, value, start);
            return old;
        });
    }

    /** Returns the value, and counts the request. */
    private @Nullable V got(KeyAccess<K, V> access, long start) {
        V old = access.value();
        statistics.hit(old != null);
        statistics.got(start);
        return old;
    }

    @Override
    public boolean putIfAbsent(K key, V value) {
        return onKey(key, value, access -> {
            long start = statistics.start();
            return got(access, start) == null && write(access, value, start);
        });
    }

    @Override
    public boolean remove(K key) {
        return onKey(key, access -> delete(access, statistics.start()));
    }

    /** Removes an entry that an iteration has come to. */
    void removeIterated(K key, byte[] bytes) {
        requireOpen();
        boolean unused = onKey(key, bytes, access -> delete(access, statistics.start()));
    }

    private boolean delete(KeyAccess<K, V> access, long start) {
        loading.delete(access.key());
        boolean removed = access.remove();
        statistics.removed(start, removed ? 1 : 0);
        return removed;
    }

    @Override
    public boolean remove(K key, V oldValue) {
        return onKey(key, oldValue, access -> {
            long start = statistics.start();
            V found = got(access, start);
            if (Objects.deepEquals(found, oldValue)) {
                return delete(access, start);
            }
            access.use();
            return false;
        });
    }

    @Override
    public @Nullable V getAndRemove(K key) {
        return onKey(key, access -> {
            long start = statistics.start();
            V old = got(access, start);
            boolean unused = delete(access, start);
            return old;
        });
    }

    @Override
    public boolean replace(K key, V oldValue, V newValue) {
        requireOpen();
        Objects.requireNonNull(newValue, "newValue");
        return onKey(key, oldValue, access -> {
            long start = statistics.start();
            V found = got(access, start);
            if (Objects.deepEquals(found, oldValue)) {
                return write(access, newValue, start);
            }
            access.use();
            return false;
        });
    }

    @Override
    public boolean replace(K key, V value) {
        return onKey(key, value, access -> {
            long start = statistics.start();
            return got(access, start) != null && write(access, value, start);
        });
    }

    @Override
    public @Nullable V getAndReplace(K key, V value) {
        return onKey(key, value, access -> {
            long start = statistics.start();
            V old = got(access, start);
            if (old != null) {
                boolean unused = write(access, value, start);
            }
            return old;
        });
    }

    @Override
    public <T> @Nullable T invoke(K key, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
        Objects.requireNonNull(entryProcessor, "entryProcessor");
        return onKey(key, access -> {
            long start = statistics.start();
            statistics.hit(access.exists());
            statistics.got(start);
            try {
                ProcessedEntry<K, V> entry = new ProcessedEntry<>(access, loading, statistics);
                T result = entryProcessor.process(entry, arguments);
                entry.apply();
                return result;
            } catch (CacheException e) {
                throw e;
            } catch (Exception | LinkageError e) {
                throw new EntryProcessorException(e);
            }
        });
    }

    // ---- many keys

    @Override
    public Map<K, V> getAll(Set<? extends K> keys) {
        requireOpen();
        requireNonNull(keys);
        Map<K, V> all = new HashMap<>();
        Set<K> missing = new HashSet<>();
        for (K key : keys) {
            byte[] bytes = records.encode(key);
            V value = find(key, bytes);
            if (value == null) {
                missing.add(key);
            } else {
                all.put(key, value);
            }
        }
        if (loading.isReadThrough() && !missing.isEmpty()) {
            all.putAll(loadAll(missing, false));
        }
        return all;
    }

    /** Loads keys as one step, but for those that are there by then, unless they are to be replaced. */
    private Map<K, V> loadAll(Set<K> keys, boolean replace) {
        Map<K, V> all = new HashMap<>();
        steps.onKeys(keys, accesses -> {
            Set<K> absent = new HashSet<>();
            accesses.forEach((key, access) -> {
                V value = replace ? null : access.value();
                if (value == null) {
                    absent.add(key);
                } else {
                    all.put(key, value);
                }
            });
            if (!absent.isEmpty()) {
                loading.loadAll(absent).forEach((key, value) -> {
                    KeyAccess<K, V> access = accesses.get(key);
                    if (access != null) {
                        access.putLoaded(value);
                        all.put(key, value);
                    }
                });
            }
        });
        return all;
    }

    @Override
    public void loadAll(
            Set<? extends K> keys, boolean replaceExistingValues, @Nullable CompletionListener completionListener) {
        requireOpen();
        requireNonNull(keys);
        Set<K> copy = new HashSet<>(keys);
        background.loads().execute(() -> {
            try {
                if (loading.hasLoader()) {
                    Map<K, V> unused = loadAll(copy, replaceExistingValues);
                }
                if (completionListener != null) {
                    completionListener.onCompletion();
                }
            } catch (RuntimeException e) {
                if (completionListener != null) {
                    completionListener.onException(e);
                }
            }
        });
    }

    @Override
    public void putAll(Map<? extends K, ? extends V> map) {
        requireOpen();
        requireNonNull(map.keySet());
        requireNonNull(map.values());
        Map<K, V> written = new LinkedHashMap<>(map);
        steps.onKeys(map.keySet(), accesses -> {
            CacheWriterException failure = loading.writeAll(written);
            written.forEach((key, value) -> {
                long start = statistics.start();
                boolean there = Objects.requireNonNull(accesses.get(key)).put(value);
                statistics.put(start, there ? 1 : 0);
            });
            if (failure != null) {
                throw failure;
            }
        });
    }

    @Override
    public void removeAll(Set<? extends K> keys) {
        requireOpen();
        requireNonNull(keys);
        removeTogether(keys);
    }

    private void removeTogether(Collection<? extends K> keys) {
        List<K> deleted = new ArrayList<>(keys);
        steps.onKeys(keys, accesses -> {
            CacheWriterException failure = loading.deleteAll(deleted);
            deleted.forEach(key -> {
                long start = statistics.start();
                boolean removed = Objects.requireNonNull(accesses.get(key)).remove();
                statistics.removed(start, removed ? 1 : 0);
            });
            if (failure != null) {
                throw failure;
            }
        });
    }

    @Override
    public void removeAll() {
        requireOpen();
        List<K> batch = new ArrayList<>();
        for (Iterator<byte[]> keys = records.keys(); keys.hasNext(); ) {
            K key = records.decodeKey(keys.next());
            if (key != null) {
                batch.add(key);
            }
            if (batch.size() == BATCH_KEYS) {
                removeTogether(batch);
                batch.clear();
            }
        }
        removeTogether(batch);
    }

    @Override
    public void clear() {
        requireOpen();
        records.clear();
    }

    @Override
    public <T> Map<K, EntryProcessorResult<T>> invokeAll(
            Set<? extends K> keys, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
        requireOpen();
        requireNonNull(keys);
        Objects.requireNonNull(entryProcessor, "entryProcessor");
        Map<K, EntryProcessorResult<T>> results = new HashMap<>();
        for (K key : keys) {
            try {
                T result = invoke(key, entryProcessor, arguments);
                if (result != null) {
                    results.put(key, new ProcessedEntry.Result<>(result, null));
                }
            } catch (EntryProcessorException e) {
                results.put(key, new ProcessedEntry.Result<>(null, e));
            } catch (CacheException e) {
                results.put(key, new ProcessedEntry.Result<>(null, new EntryProcessorException(e)));
            }
        }
        return results;
    }

    @Override
    public Iterator<Entry<K, V>> iterator() {
        requireOpen();
        return new JCacheIterator<>(this, records);
    }

    // ---- steps

    private <T extends @Nullable Object> T onKey(K key, Object value, Function<KeyAccess<K, V>, T> step) {
        requireOpen();
        Objects.requireNonNull(value, "value");
        return onKey(key, records.encode(key), step);
    }

    private <T extends @Nullable Object> T onKey(K key, Function<KeyAccess<K, V>, T> step) {
        requireOpen();
        return onKey(key, records.encode(key), step);
    }

    private <T extends @Nullable Object> T onKey(K key, byte[] bytes, Function<KeyAccess<K, V>, T> step) {
        return steps.onKey(key, bytes, step);
    }

    // ---- the whole cache

    @Override
    public <C extends Configuration<K, V>> C getConfiguration(Class<C> type) {
        if (!type.isInstance(configuration)) {
            throw new IllegalArgumentException("the configuration is no " + type);
        }
        return type.cast(new BlobCacheConfiguration<>(configuration));
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public CacheManager getCacheManager() {
        return manager;
    }

    @Override
    public void registerCacheEntryListener(CacheEntryListenerConfiguration<K, V> listener) {
        requireOpen();
        configuration.addCacheEntryListenerConfiguration(listener); // Refuses one that is there already.
        listeners.register(listener);
    }

    @Override
    public void deregisterCacheEntryListener(CacheEntryListenerConfiguration<K, V> listener) {
        requireOpen();
        Objects.requireNonNull(listener, "listener");
        configuration.removeCacheEntryListenerConfiguration(listener);
        listeners.deregister(listener);
    }

    void enableStatistics(boolean enabled) {
        requireOpen();
        configuration.setStatisticsEnabled(enabled);
        statistics.enable(enabled);
        statisticsBean.register(enabled);
    }

    void enableManagement(boolean enabled) {
        requireOpen();
        configuration.setManagementEnabled(enabled);
        managementBean.register(enabled);
    }

    /** As the clock of the cache says, in milliseconds since 1970. */
    long now() {
        return expiries.now();
    }

    void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the cache " + name + " is closed");
        }
    }

    @Override
    public boolean isClosed() {
        return closed.get();
    }

    @Override
    public void close() {
        close(false);
    }

    /** Closes the cache; empties it before, if that is wanted. */
    void close(boolean emptied) {
        if (closed.getAndSet(true)) {
            return;
        }
        manager.forget(this);
        managementBean.register(false);
        statisticsBean.register(false);
        try {
            if (emptied) {
                records.clear();
            }
        } finally {
            listeners.close();
            background.close();
            loading.close();
            Closing.quietly(expiries.policy());
            records.close();
        }
    }

    BlobCacheConfiguration<K, V> configuration() {
        return configuration;
    }

    Statistics statistics() {
        return statistics;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        return JCacheEntry.unwrap(this, type);
    }

    private static void requireNonNull(Collection<?> all) {
        for (Object each : all) {
            Objects.requireNonNull(each, "a key or value");
        }
    }
}
