package org.blobarena.jcache;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Properties;
import javax.cache.Cache;
import javax.cache.configuration.MutableConfiguration;

/** A manager whose caches are in a directory, with a small bound and a clock. */
final class TestManager implements AutoCloseable {

    static final long MAXIMUM_BYTES = 16L << 20;

    private final JCacheManager manager;

    TestManager(Path directory) {
        this(directory, InstantSource.system());
    }

    TestManager(Path directory, InstantSource clock) {
        this.manager = new JCacheManager(
                new BlobCachingProvider(),
                new JCacheManager.Settings(
                        directory.toUri(),
                        TestManager.class.getClassLoader(),
                        new Properties(),
                        directory,
                        MAXIMUM_BYTES,
                        clock));
    }

    JCacheManager manager() {
        return manager;
    }

    <K, V> Cache<K, V> create(String name, MutableConfiguration<K, V> configuration) {
        return manager.createCache(name, configuration);
    }

    Cache<String, String> texts() {
        return texts("texts");
    }

    Cache<String, String> texts(String name) {
        return create(name, new MutableConfiguration<>());
    }

    @Override
    public void close() {
        manager.close();
    }
}
