package org.blobarena.httpclient;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.cache.CacheResponseStatus;
import org.apache.hc.client5.http.cache.HttpCacheContext;
import org.apache.hc.client5.http.classic.methods.HttpDelete;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPut;
import org.apache.hc.client5.http.impl.cache.CacheConfig;
import org.apache.hc.client5.http.impl.cache.CachingHttpClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.blobarena.cache.BlobCache;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A caching client of HttpClient and a server: what the client asks the server for, and what it does not. */
class CachingClientTest {

    private static final int LARGE_BYTES = 10 << 20;

    @TempDir
    private Path directory;

    private TestServer server;
    private BlobCache<String> blobs;
    private CloseableHttpClient client;

    /** What a client gets: a character for each byte of the body. */
    private record Answer(String text, CacheResponseStatus status) {}

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
        open(1L << 30);
    }

    private void open(long maximumBytes) throws IOException {
        blobs = BlobCache.builder(KeyCodec.utf8()).maximumBytes(maximumBytes).open(directory.resolve("cache"));
        client = CachingHttpClients.custom()
                .setHttpCacheStorage(new BlobHttpCacheStorage(blobs))
                .setCacheConfig(
                        CacheConfig.custom().setMaxObjectSize(2 * LARGE_BYTES).build())
                .build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        blobs.close();
        server.close();
    }

    private void restart(long maximumBytes) throws IOException {
        client.close();
        blobs.close();
        open(maximumBytes);
    }

    private Answer get(URI page, String... headers) throws IOException {
        HttpGet request = new HttpGet(page);
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return answer(request);
    }

    private Answer answer(ClassicHttpRequest request) throws IOException {
        HttpCacheContext context = HttpCacheContext.create();
        byte[] body = client.execute(request, context, response -> EntityUtils.toByteArray(response.getEntity()));
        return new Answer(text(body), context.getCacheResponseStatus());
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.ISO_8859_1);
    }

    @Test
    void whatIsFreshIsServedFromTheCache() throws IOException {
        URI page = server.page("fresh");
        assertThat(get(page).status()).isEqualTo(CacheResponseStatus.CACHE_MISS);
        Answer second = get(page);
        assertThat(second.status()).isEqualTo(CacheResponseStatus.CACHE_HIT);
        assertThat(second.text()).isEqualTo("fresh");
        assertThat(server.bodies()).isEqualTo(1);
    }

    @Test
    void whatIsToBeAskedForAgainIsRevalidatedByItsTag() throws IOException {
        URI page = server.page("etag");
        assertThat(get(page).text()).isEqualTo("tagged");
        for (int i = 1; i <= 3; i++) {
            Answer again = get(page);
            assertThat(again.status()).isEqualTo(CacheResponseStatus.VALIDATED);
            assertThat(again.text()).isEqualTo("tagged");
            assertThat(server.unchanged()).isEqualTo(i);
        }
        assertThat(server.bodies()).isEqualTo(1);
    }

    @Test
    void variantsAreKeptBesideEachOther() throws IOException {
        URI page = server.page("vary");
        List<String> languages = List.of("en", "de", "fr");
        for (String language : languages) {
            assertThat(get(page, "Accept-Language", language).text()).isEqualTo(language);
        }
        restart(1L << 30);
        for (String language : languages) {
            Answer again = get(page, "Accept-Language", language);
            assertThat(again.text()).isEqualTo(language);
            assertThat(again.status()).isEqualTo(CacheResponseStatus.CACHE_HIT);
        }
        assertThat(server.bodies()).isEqualTo(languages.size());
    }

    @Test
    void variantsThatComeAtOnceAreAllKept() throws Exception {
        URI page = server.page("vary");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String language = "l" + i;
            answers.add(threads.submit(() -> get(page, "Accept-Language", language)));
        }
        for (int i = 0; i < 16; i++) {
            assertThat(answers.get(i).get().text()).isEqualTo("l" + i);
        }
        threads.shutdown();
        for (int i = 0; i < 16; i++) {
            assertThat(get(page, "Accept-Language", "l" + i).status()).isEqualTo(CacheResponseStatus.CACHE_HIT);
        }
    }

    @Test
    void unsafeMethodsInvalidateThePage() throws IOException {
        URI page = server.page("fresh");
        HttpPut put = new HttpPut(page);
        put.setEntity(new StringEntity("new"));
        for (ClassicHttpRequest unsafe : List.of(put, new HttpDelete(page))) {
            get(page);
            assertThat(get(page).status()).isEqualTo(CacheResponseStatus.CACHE_HIT);
            answer(unsafe);
            assertThat(get(page).status()).isEqualTo(CacheResponseStatus.CACHE_MISS);
        }
    }

    @Test
    void whatIsCachedIsThereAfterARestart() throws IOException {
        get(server.page("fresh"));
        get(server.page("etag"));
        restart(1L << 30);
        assertThat(get(server.page("fresh")).status()).isEqualTo(CacheResponseStatus.CACHE_HIT);
        assertThat(get(server.page("etag")).status()).isEqualTo(CacheResponseStatus.VALIDATED);
        assertThat(server.bodies()).isEqualTo(2);
    }

    @Test
    void largeBodiesAreKept() throws IOException {
        URI page = server.page("large?" + LARGE_BYTES);
        byte[] expected = TestServer.body(LARGE_BYTES);
        assertThat(get(page).text()).isEqualTo(text(expected));
        restart(1L << 30);
        Answer again = get(page);
        assertThat(again.text()).isEqualTo(text(expected));
        assertThat(again.status()).isEqualTo(CacheResponseStatus.CACHE_HIT);
        assertThat(server.bodies()).isEqualTo(1);
    }

    @Test
    void bodyThatIsLargerThanTheCacheIsDeliveredAndNotKept() throws IOException {
        restart(8L << 20);
        URI page = server.page("large?" + LARGE_BYTES);
        byte[] expected = TestServer.body(LARGE_BYTES);
        for (int i = 1; i <= 2; i++) {
            Answer answer = get(page);
            assertThat(answer.text()).isEqualTo(text(expected));
            assertThat(answer.status()).isEqualTo(CacheResponseStatus.CACHE_MISS);
            assertThat(server.bodies()).isEqualTo(i);
        }
        get(server.page("fresh"));
        assertThat(get(server.page("fresh")).status()).isEqualTo(CacheResponseStatus.CACHE_HIT);
    }

    @Test
    void blobThatIsNoResponseIsAMiss() throws IOException {
        URI page = server.page("fresh");
        get(page);
        for (byte[] damaged :
                List.of(new byte[0], new byte[1000], "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII))) {
            for (String key : List.copyOf(blobs.asMap().keySet())) {
                blobs.put(key, damaged);
            }
            assertThat(get(page).text()).isEqualTo("fresh");
            assertThat(get(page).status()).isEqualTo(CacheResponseStatus.CACHE_HIT);
        }
    }

    @Test
    void blobThatIsDamagedOnDiskIsAMiss() throws IOException {
        restart(16L << 20); // Of small files, which are searched.
        URI page = server.page("large?100000");
        byte[] expected = TestServer.body(100_000);
        get(page);
        client.close();
        blobs.close();
        damage(expected);
        open(16L << 20);
        assertThat(get(page).text()).isEqualTo(text(expected));
        assertThat(server.bodies()).isEqualTo(2);
        assertThat(get(page).status()).isEqualTo(CacheResponseStatus.CACHE_HIT);
    }

    /** Changes a byte of every copy of a body. */
    private void damage(byte[] body) throws IOException {
        int changed = 0;
        try (var files = Files.list(directory.resolve("cache"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                int at = indexOf(bytes, Arrays.copyOf(body, 1000));
                if (at >= 0) {
                    bytes[at + 500] ^= 1;
                    Files.write(file, bytes);
                    changed++;
                }
            }
        }
        assertThat(changed).isPositive();
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; at + part.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        return -1;
    }

    @Test
    void clientOfACacheThatIsClosedAsksTheServer() throws IOException {
        URI page = server.page("fresh");
        get(page);
        blobs.close();
        assertThat(get(page).text()).isEqualTo("fresh");
        assertThat(server.bodies()).isEqualTo(2);
    }
}
