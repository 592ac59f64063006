package org.example.consumer;

import java.nio.file.Path;
import javax.cache.Cache;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.spi.CachingProvider;
import org.blobarena.cache.BlobCache;
import org.blobarena.httpclient.BlobHttpCacheStorage;
import org.blobarena.spring.BlobArenaCacheManager;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;

/** Uses each artifact once. */
public final class Main {

    private Main() {}

    /** Prints how many it has used. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        int used = 0;
        try (BlobStore<String> store = BlobStore.open(directory.resolve("store"), KeyCodec.utf8())) {
            store.put("key", new byte[1]);
            used += store.get("key").length;
        }
        try (BlobCache<String> blobs =
                BlobCache.builder(KeyCodec.utf8()).maximumBytes(8 << 20).open(directory.resolve("http"))) {
            used += new BlobHttpCacheStorage(blobs).getEntry("http://localhost/") == null ? 1 : 0;
        }
        try (CachingProvider provider = Caching.getCachingProvider()) {
            Cache<String, byte[]> cache = provider.getCacheManager(
                            directory.resolve("jcache").toUri(), null)
                    .createCache("cache", new MutableConfiguration<>());
            cache.put("key", new byte[1]);
            used += cache.get("key").length;
        }
        try (BlobArenaCacheManager manager = BlobArenaCacheManager.builder().open(directory.resolve("spring"))) {
            byte[] loaded = manager.getCache("cache").get("key", () -> new byte[1]);
            used += loaded.length;
        }
        System.out.println("used " + used + (Main.class.getModule().isNamed() ? " as modules" : " as jars"));
    }
}
