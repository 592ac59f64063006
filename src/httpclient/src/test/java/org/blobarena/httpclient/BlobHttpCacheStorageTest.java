package org.blobarena.httpclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.cache.HttpCacheEntry;
import org.apache.hc.client5.http.cache.HttpCacheEntryFactory;
import org.apache.hc.client5.http.cache.ResourceIOException;
import org.apache.hc.client5.http.impl.cache.HeapResource;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.blobarena.cache.BlobCache;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the storage promises beyond what a client shows: above all, that no update is lost. */
class BlobHttpCacheStorageTest {

    private static final String KEY = "http://localhost:80/page";
    private static final long MAXIMUM_BYTES = 16L << 20;

    @TempDir
    private Path directory;

    private BlobCache<String> blobs;
    private BlobHttpCacheStorage storage;

    @BeforeEach
    void open() throws IOException {
        blobs = BlobCache.builder(KeyCodec.utf8()).maximumBytes(MAXIMUM_BYTES).open(directory);
        storage = new BlobHttpCacheStorage(blobs);
    }

    @AfterEach
    void close() throws IOException {
        blobs.close();
    }

    private static HttpCacheEntry entry(byte[] body) {
        Instant now = Instant.ofEpochSecond(1_700_000_000);
        BasicHttpResponse response = new BasicHttpResponse(200);
        response.setHeader("Content-Length", body.length);
        return HttpCacheEntryFactory.INSTANCE.create(
                now,
                now,
                new HttpHost("localhost"),
                new BasicHttpRequest("GET", "/page"),
                response,
                new HeapResource(body));
    }

    private static HttpCacheEntry entry(String body) {
        return entry(body.getBytes(StandardCharsets.UTF_8));
    }

    private static HttpCacheEntry withVariant(HttpCacheEntry existing, String variant) {
        Collection<String> variants = new HashSet<>();
        if (existing != null) {
            variants.addAll(existing.getVariants());
        }
        variants.add(variant);
        return HttpCacheEntryFactory.INSTANCE.createRoot(entry(""), variants);
    }

    private String text() throws IOException {
        return new String(storage.getEntry(KEY).getResource().get(), StandardCharsets.UTF_8);
    }

    @Test
    void entriesArePutReadAndRemoved() throws IOException {
        assertThat(storage.getEntry(KEY)).isNull();
        storage.putEntry(KEY, entry("body"));
        assertThat(text()).isEqualTo("body");
        assertThat(storage.getEntries(List.of(KEY, "http://localhost:80/other")))
                .containsOnlyKeys(KEY);
        storage.removeEntry(KEY);
        storage.removeEntry(KEY);
        assertThat(storage.getEntry(KEY)).isNull();
        assertThat(blobs.size()).isZero();
    }

    @Test
    void updateSeesWhatThereIs() throws IOException {
        storage.updateEntry(KEY, existing -> {
            assertThat(existing).isNull();
            return entry("first");
        });
        storage.updateEntry(KEY, existing -> {
            assertThat(existing.getResource().length()).isEqualTo("first".length());
            return entry("second");
        });
        assertThat(text()).isEqualTo("second");
        storage.updateEntry(KEY, existing -> null);
        assertThat(storage.getEntry(KEY)).isNull();
    }

    @Test
    void updateBeginsAnewIfAnotherWasFaster() throws IOException {
        storage.putEntry(KEY, entry("first"));
        AtomicInteger calls = new AtomicInteger();
        storage.updateEntry(KEY, existing -> {
            if (calls.incrementAndGet() == 1) {
                storage.putEntry(KEY, withVariant(null, "of another"));
            }
            return withVariant(existing, "own");
        });
        assertThat(calls).hasValue(2);
        assertThat(storage.getEntry(KEY).getVariants()).containsExactlyInAnyOrder("of another", "own");
    }

    @Test
    void firstUpdateBeginsAnewIfAnotherWasFaster() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        storage.updateEntry(KEY, existing -> {
            if (calls.incrementAndGet() == 1) {
                storage.putEntry(KEY, withVariant(null, "of another"));
            }
            return withVariant(existing, "own");
        });
        assertThat(calls).hasValue(2);
        assertThat(storage.getEntry(KEY).getVariants()).containsExactlyInAnyOrder("of another", "own");
    }

    @Test
    void updatesByManyThreadsLoseNothing() throws Exception {
        int count = 4;
        int rounds = 25;
        ExecutorService threads = Executors.newFixedThreadPool(count);
        CyclicBarrier together = new CyclicBarrier(count);
        Set<String> expected = new HashSet<>();
        List<Future<?>> ends = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int mine = i;
            ends.add(threads.submit(() -> {
                for (int round = 0; round < rounds; round++) {
                    String variant = mine + "-" + round;
                    together.await();
                    storage.updateEntry(KEY, existing -> withVariant(existing, variant));
                }
                return null;
            }));
            for (int round = 0; round < rounds; round++) {
                expected.add(mine + "-" + round);
            }
        }
        for (Future<?> end : ends) {
            end.get();
        }
        threads.shutdown();
        assertThat(storage.getEntry(KEY).getVariants()).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void damagedEntryIsAbsentForAnUpdateToo() throws IOException {
        blobs.put(KEY, new byte[] {1, 2, 3});
        storage.updateEntry(KEY, existing -> {
            assertThat(existing).isNull();
            return entry("new");
        });
        assertThat(text()).isEqualTo("new");
    }

    @Test
    void entryThatIsCutAnywhereIsAbsent() throws IOException {
        storage.putEntry(KEY, entry("body"));
        byte[] whole = blobs.getIfPresent(KEY);
        for (int length = 0; length < whole.length; length++) {
            blobs.put(KEY, Arrays.copyOf(whole, length));
            assertThat(storage.getEntry(KEY)).isNull();
        }
        blobs.put(KEY, whole);
        assertThat(text()).isEqualTo("body");
    }

    @Test
    void entryOfAnotherKeyIsAbsent() throws IOException {
        storage.putEntry("http://localhost:80/other", entry("other"));
        blobs.put(KEY, blobs.getIfPresent("http://localhost:80/other"));
        assertThat(storage.getEntry(KEY)).isNull();
    }

    @Test
    void entryThatIsTooLongIsNotStoredAndWhatItReplacesGoes() throws IOException {
        HttpCacheEntry tooLong = entry(new byte[(int) MAXIMUM_BYTES]);
        storage.putEntry(KEY, entry("before"));
        storage.putEntry(KEY, tooLong);
        assertThat(storage.getEntry(KEY)).isNull();
        storage.updateEntry(KEY, existing -> tooLong);
        assertThat(storage.getEntry(KEY)).isNull();
        storage.putEntry(KEY, entry("before"));
        storage.updateEntry(KEY, existing -> tooLong);
        assertThat(storage.getEntry(KEY)).isNull();
    }

    @Test
    void whatFailsIsAnExceptionThatAClientExpects() throws IOException {
        assertThatThrownBy(() -> storage.getEntry("\ud800")).isInstanceOf(ResourceIOException.class);
        assertThatThrownBy(() -> storage.putEntry("\ud800", entry("a"))).isInstanceOf(ResourceIOException.class);
        blobs.close();
        assertThatThrownBy(() -> storage.getEntry(KEY)).isInstanceOf(ResourceIOException.class);
        assertThatThrownBy(() -> storage.getEntries(List.of(KEY))).isInstanceOf(ResourceIOException.class);
        assertThatThrownBy(() -> storage.putEntry(KEY, entry("a"))).isInstanceOf(ResourceIOException.class);
        assertThatThrownBy(() -> storage.removeEntry(KEY)).isInstanceOf(ResourceIOException.class);
        assertThatThrownBy(() -> storage.updateEntry(KEY, existing -> entry("a")))
                .isInstanceOf(ResourceIOException.class);
    }
}
