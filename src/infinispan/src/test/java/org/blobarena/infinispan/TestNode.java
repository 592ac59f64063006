package org.blobarena.infinispan;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.infinispan.Cache;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;

/** A node of its own with one cache, which keeps one entry in memory. */
final class TestNode implements AutoCloseable {

    private final DefaultCacheManager manager;

    TestNode(Path directory) {
        this(directory, configuration -> {});
    }

    TestNode(Path directory, Consumer<ConfigurationBuilder> change) {
        ConfigurationBuilder configuration = configuration(directory);
        change.accept(configuration);
        manager = manager();
        try {
            manager.defineConfiguration("blobs", configuration.build());
        } catch (RuntimeException e) {
            manager.stop();
            throw e;
        }
    }

    static DefaultCacheManager manager() {
        GlobalConfigurationBuilder global = new GlobalConfigurationBuilder().nonClusteredDefault();
        global.jmx().disable();
        global.metrics().gauges(false).histograms(false);
        return new DefaultCacheManager(global.build());
    }

    private static ConfigurationBuilder configuration(Path directory) {
        ConfigurationBuilder configuration = new ConfigurationBuilder();
        configuration.memory().maxCount(1);
        configuration
                .persistence()
                .addStore(BlobArenaStoreConfigurationBuilder.class)
                .path(directory);
        return configuration;
    }

    DefaultCacheManager cacheManager() {
        return manager;
    }

    <K, V> Cache<K, V> cache() {
        return manager.getCache("blobs");
    }

    @Override
    public void close() {
        manager.stop();
    }
}
