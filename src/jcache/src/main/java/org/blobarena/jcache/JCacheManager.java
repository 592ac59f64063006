package org.blobarena.jcache;

import java.io.IOException;
import java.io.ObjectInputFilter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.spi.CachingProvider;
import org.blobarena.cache.BlobCache;
import org.blobarena.cache.BlobCacheBuilder;
import org.blobarena.cache.CacheFolder;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.store.objects.ObjectCodecs;
import org.jspecify.annotations.Nullable;

/** The caches of one URI and one class loader. */
final class JCacheManager implements CacheManager {

    /**
     * What a manager is made with.
     *
     * @param directory where caches have folders
     * @param maximumBytes of a cache that does not say
     */
    record Settings(
            URI uri,
            ClassLoader loader,
            Properties properties,
            Path directory,
            long maximumBytes,
            InstantSource clock) {}

    private final BlobCachingProvider provider;
    private final Settings settings;
    private final Map<String, JCache<?, ?>> caches = new ConcurrentHashMap<>();
    private volatile boolean closed;

    JCacheManager(BlobCachingProvider provider, Settings settings) {
        this.provider = provider;
        this.settings = settings;
    }

    @Override
    public CachingProvider getCachingProvider() {
        return provider;
    }

    @Override
    public URI getURI() {
        return settings.uri;
    }

    @Override
    public ClassLoader getClassLoader() {
        return settings.loader;
    }

    @Override
    public Properties getProperties() {
        Properties copy = new Properties();
        copy.putAll(settings.properties);
        return copy;
    }

    // ---- caches

    @Override
    public <K, V, C extends Configuration<K, V>> Cache<K, V> createCache(String name, C configuration) {
        requireOpen();
        Objects.requireNonNull(name, "name");
        BlobCacheConfiguration<K, V> complete = complete(configuration);
        if (!complete.isStoreByValue()) {
            throw new UnsupportedOperationException("a cache on disk stores by value only");
        }
        synchronized (caches) {
            requireOpen();
            if (caches.containsKey(name)) {
                throw new CacheException("there is a cache " + name + " already");
            }
            JCache<K, V> cache = open(name, complete);
            caches.put(name, cache);
            return cache;
        }
    }

    /** A copy, which the user cannot change. */
    private static <K, V> BlobCacheConfiguration<K, V> complete(Configuration<K, V> configuration) {
        if (configuration instanceof CompleteConfiguration<K, V> complete) {
            return new BlobCacheConfiguration<>(complete);
        }
        BlobCacheConfiguration<K, V> complete = new BlobCacheConfiguration<>();
        complete.setTypes(configuration.getKeyType(), configuration.getValueType());
        complete.setStoreByValue(configuration.isStoreByValue());
        return complete;
    }

    private <K, V> JCache<K, V> open(String name, BlobCacheConfiguration<K, V> configuration) {
        BlobCache<byte[]> blobs = blobs(name, configuration);
        try {
            ObjectInputFilter filter = configuration.serialFilter();
            KeyCodec<K> keys = Objects.requireNonNullElseGet(
                    configuration.keyCodec(), () -> ObjectCodecs.keys(settings.loader, filter));
            ValueCodec<V> values = Objects.requireNonNullElseGet(
                    configuration.valueCodec(), () -> ObjectCodecs.values(settings.loader, filter));
            return new JCache<>(
                    this,
                    name,
                    configuration,
                    new Records<>(blobs, keys, values),
                    new Expiries(configuration.getExpiryPolicyFactory().create(), settings.clock));
        } catch (RuntimeException | Error e) { // Of a factory of the user's.
            Closing.quietly(blobs);
            throw e;
        }
    }

    private BlobCache<byte[]> blobs(String name, BlobCacheConfiguration<?, ?> configuration) {
        long bytes = configuration.getMaximumBytes();
        Path directory = directory(name, configuration);
        try {
            BlobCacheBuilder<byte[]> builder = BlobCache.builder(KeyCodec.bytes())
                    .maximumBytes(bytes == 0 ? settings.maximumBytes : bytes)
                    .clock(settings.clock);
            BlobCacheOptions options = configuration.options();
            return (options == null ? builder : options.apply(builder)).open(directory);
        } catch (StoreLockedException e) {
            throw new CacheException(
                    "the cache " + name + " in " + directory + " is open already, by another manager or process", e);
        } catch (IOException e) {
            throw new CacheException("the cache " + name + " cannot be opened in " + directory + ": " + e, e);
        }
    }

    private Path directory(String name, BlobCacheConfiguration<?, ?> configuration) {
        Path own = configuration.getDirectory();
        return own == null ? CacheFolder.of(settings.directory, name) : own;
    }

    @Override
    @SuppressWarnings("unchecked") // The types are compared.
    public <K, V> @Nullable Cache<K, V> getCache(String name, Class<K> keyType, Class<V> valueType) {
        Objects.requireNonNull(keyType, "keyType");
        Objects.requireNonNull(valueType, "valueType");
        Cache<?, ?> cache = getCache(name);
        if (cache == null) {
            return null;
        }
        requireType("keys", keyType, configuration(cache).getKeyType());
        requireType("values", valueType, configuration(cache).getValueType());
        return (Cache<K, V>) cache;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static CompleteConfiguration<?, ?> configuration(Cache cache) {
        return (CompleteConfiguration<?, ?>) cache.getConfiguration(CompleteConfiguration.class);
    }

    private static void requireType(String what, Class<?> wanted, Class<?> configured) {
        if (wanted != configured) {
            throw new ClassCastException("the " + what + " are of " + configured + ", and not of " + wanted);
        }
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // As JCache has it.
    public <K, V> @Nullable Cache<K, V> getCache(String name) {
        requireOpen();
        return (Cache<K, V>) caches.get(Objects.requireNonNull(name, "name"));
    }

    @Override
    public Iterable<String> getCacheNames() {
        requireOpen();
        return List.copyOf(caches.keySet());
    }

    @Override
    public void destroyCache(String name) {
        requireOpen();
        Objects.requireNonNull(name, "name");
        synchronized (caches) { // Or it could be created again while its files go.
            JCache<?, ?> cache = caches.get(name);
            if (cache != null) {
                // Emptied first: a process that dies in the middle of the rest leaves an empty cache.
                cache.close(true);
                delete(directory(name, cache.configuration()));
            }
        }
    }

    /** Deletes the files of a cache, and its directory if there is nothing else in it. */
    private static void delete(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (Files.isRegularFile(file)) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new CacheException("the cache in " + directory + " is empty, but cannot be deleted: " + e, e);
        }
    }

    @Override
    public void enableManagement(String name, boolean enabled) {
        JCache<?, ?> cache = named(name);
        if (cache != null) {
            cache.enableManagement(enabled);
        }
    }

    @Override
    public void enableStatistics(String name, boolean enabled) {
        JCache<?, ?> cache = named(name);
        if (cache != null) {
            cache.enableStatistics(enabled);
        }
    }

    private @Nullable JCache<?, ?> named(String name) {
        requireOpen();
        return caches.get(Objects.requireNonNull(name, "name"));
    }

    /** Forgets a cache that is being closed, if it is not another one by now. */
    void forget(JCache<?, ?> cache) {
        boolean unused = caches.remove(cache.getName(), cache);
    }

    // ---- the manager

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the manager of " + settings.uri + " is closed");
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        Map<String, JCache<?, ?>> open;
        synchronized (caches) {
            if (closed) {
                return;
            }
            closed = true;
            open = new LinkedHashMap<>(caches);
        }
        provider.forget(this);
        open.values().forEach(Closing::quietly);
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        return JCacheEntry.unwrap(this, type);
    }
}
