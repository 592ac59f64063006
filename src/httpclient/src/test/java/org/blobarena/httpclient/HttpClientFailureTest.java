package org.blobarena.httpclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.client5.http.cache.CacheResponseStatus;
import org.apache.hc.client5.http.cache.HttpCacheContext;
import org.apache.hc.client5.http.cache.ResourceIOException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.cache.CacheConfig;
import org.apache.hc.client5.http.impl.cache.CachingHttpClients;
import org.apache.hc.client5.http.impl.classic.BasicHttpClientResponseHandler;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.cache.BlobCache;
import org.blobarena.cache.CacheAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A caching client whose cache is on a device that is full, or fails: requests are served all the same. */
class HttpClientFailureTest {

    @TempDir
    private Path directory;

    private final AtomicReference<FailingDirectory> device = new AtomicReference<>();
    private TestServer server;
    private BlobCache<String> blobs;
    private BlobHttpCacheStorage storage;
    private CloseableHttpClient client;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
        blobs = CacheAccess.failing(BlobCache.builder(KeyCodec.utf8()), device)
                .maximumBytes(16 << 20)
                .durability(Durability.FORCED)
                .open(directory.resolve("cache"));
        storage = new BlobHttpCacheStorage(blobs);
        client = CachingHttpClients.custom()
                .setHttpCacheStorage(storage)
                .setCacheConfig(CacheConfig.custom().setMaxObjectSize(1 << 20).build())
                .build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        device.get().freeSpace();
        device.get().setForcesFail(false);
        try {
            blobs.close();
        } catch (IOException e) {
            assertThat(e).hasStackTraceContaining("Input/output error"); // What could not be forced is said again.
        }
        server.close();
    }

    private CacheResponseStatus get(String path, String body) throws IOException {
        HttpCacheContext context = HttpCacheContext.create();
        URI page = server.page(path);
        assertThat(client.execute(new HttpGet(page), context, new BasicHttpClientResponseHandler()))
                .isEqualTo(body);
        return context.getCacheResponseStatus();
    }

    @Test
    void fullDeviceKeepsNothingNewAndServesWhatItHas() throws IOException {
        get("fresh", "fresh");
        device.get().setFreeBytes(0);
        assertThat(get("fresh", "fresh")).isEqualTo(CacheResponseStatus.CACHE_HIT);
        for (int i = 0; i < 2; i++) {
            assertThat(get("fresh?other", "fresh")).isEqualTo(CacheResponseStatus.CACHE_MISS);
            assertThat(get("etag", "tagged")).isEqualTo(CacheResponseStatus.CACHE_MISS);
        }
        assertThat(server.bodies()).isEqualTo(5);
        device.get().freeSpace();
        get("fresh?other", "fresh");
        assertThat(get("fresh?other", "fresh")).isEqualTo(CacheResponseStatus.CACHE_HIT);
    }

    @Test
    void storageDropsWhatAFullDeviceCannotReplaceWithoutAnException() throws IOException {
        get("large?9700", new String(TestServer.body(9700), StandardCharsets.UTF_8));
        String key = blobs.asMap().keySet().iterator().next();
        var entry = storage.getEntry(key);
        device.get().setFreeBytes(0);
        storage.putEntry("another", entry);
        storage.updateEntry("a third", existing -> entry);
        storage.putEntry(key, entry);
        for (String refused : List.of(key, "another", "a third")) {
            assertThat(storage.getEntry(refused)).isNull();
        }
    }

    @Test
    void requestsAreServedWhileTheDeviceFails() throws IOException {
        get("etag", "tagged");
        get("fresh", "fresh");
        device.get().setForcesFail(true);
        for (int i = 0; i < 3; i++) {
            get("fresh?other", "fresh");
            get("etag", "tagged"); // Whose entry is updated each time.
            get("large?100", new String(TestServer.body(100), StandardCharsets.UTF_8));
            assertThat(get("fresh", "fresh")).isEqualTo(CacheResponseStatus.CACHE_HIT);
        }
    }

    @Test
    void storageSaysWhatFailed() throws IOException {
        get("fresh", "fresh");
        String key = blobs.asMap().keySet().iterator().next();
        var entry = storage.getEntry(key);
        device.get().setForcesFail(true);
        assertThatThrownBy(() -> storage.putEntry(key, entry))
                .isInstanceOf(ResourceIOException.class)
                .hasStackTraceContaining("Input/output error");
        assertThatThrownBy(() -> storage.removeEntry(key)).isInstanceOf(ResourceIOException.class);
        assertThatThrownBy(() -> storage.updateEntry("another", existing -> entry))
                .isInstanceOf(ResourceIOException.class);
        assertThat(storage.getEntry("absent")).isNull();
    }
}
