package org.blobarena.bench.engine;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.infinispan.AdvancedCache;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfiguration;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.context.Flag;
import org.infinispan.manager.DefaultCacheManager;

/**
 * Infinispan's single-file index store under a cache that keeps one entry in memory, so that gets are of the store. Keys are
 * strings, because Infinispan does not compare arrays by their bytes.
 */
final class InfinispanEngine implements Engine {

    private final DefaultCacheManager manager;
    private final AdvancedCache<String, byte[]> cache;
    private final AdvancedCache<String, byte[]> writes;

    private InfinispanEngine(DefaultCacheManager manager) {
        this.manager = manager;
        cache = manager.<String, byte[]>getCache("blobs").getAdvancedCache();
        writes = cache.withFlags(Flag.IGNORE_RETURN_VALUES);
    }

    static Engine open(Path directory) {
        GlobalConfigurationBuilder global = new GlobalConfigurationBuilder().nonClusteredDefault();
        global.jmx().disable();
        global.metrics().gauges(false).histograms(false);
        ConfigurationBuilder blobs = new ConfigurationBuilder();
        blobs.memory().maxCount(1);
        blobs.persistence()
                .passivation(false)
                .addSoftIndexFileStore()
                .dataLocation(directory.resolve("data").toString())
                .indexLocation(directory.resolve("index").toString())
                .syncWrites(false)
                .purgeOnStartup(false);
        GlobalConfiguration built = global.build();
        DefaultCacheManager manager = new DefaultCacheManager(built);
        manager.defineConfiguration("blobs", blobs.build());
        return new InfinispanEngine(manager);
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void put(byte[] key, byte[] blob) {
        writes.put(text(key), blob.clone()); // It keeps the last one.
    }

    @Override
    public byte[] get(byte[] key) {
        return cache.get(text(key));
    }

    @Override
    public boolean contains(byte[] key) {
        return cache.containsKey(text(key));
    }

    @Override
    public void delete(byte[] key) {
        cache.remove(text(key)); // Told to ignore what was there, it would not look into the store.
    }

    @Override
    public void close() {
        manager.stop();
    }
}
