package org.blobarena.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.blobarena.store.api.StoreLockedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names, folders, and what a manager does that is closed. */
class SpringManagerTest {

    @TempDir
    private Path directory;

    @Test
    void cacheIsMadeWhenItIsAskedForAndIsThenTheSame() {
        try (BlobArenaCacheManager manager = TestCaches.open(directory)) {
            assertThat(manager.getCacheNames()).isEmpty();
            assertThat(manager.getCache("b")).isSameAs(manager.getCache("b"));
            TestCaches.cache(manager, "b").put("key", "of b");
            assertThat(TestCaches.cache(manager, "a").get("key")).isNull();
            assertThat(manager.getCacheNames()).containsExactly("a", "b");
        }
    }

    @Test
    void fixedNamesAreThoseThatThereAre() throws IOException {
        try (BlobArenaCacheManager manager = BlobArenaCacheManager.builder()
                .settings(TestCaches.settings())
                .cache("own", TestCaches.settings().allowNullValues(false))
                .cacheNames("b", "a")
                .open(directory)) {
            assertThat(manager.getCacheNames()).containsExactly("a", "b", "own");
            assertThat(manager.getCache("c")).isNull();
            assertThat(TestCaches.cache(manager, "own").isAllowNullValues()).isFalse();
            assertThat(TestCaches.cache(manager, "a").isAllowNullValues()).isTrue();
        }
    }

    @Test
    void settingsAreThoseOfTheMomentAtWhichTheyWereGiven() throws IOException {
        BlobArenaCacheSettings settings = TestCaches.settings().allowNullValues(false);
        BlobArenaCacheManagerBuilder builder = BlobArenaCacheManager.builder().settings(settings);
        settings.allowNullValues(true);
        try (BlobArenaCacheManager manager = builder.open(directory)) {
            assertThat(TestCaches.cache(manager).isAllowNullValues()).isFalse();
        }
    }

    @Test
    void anyNameHasAFolderOfItsOwnInTheDirectory() throws IOException {
        String[] names = {"", ".", "..", "../escaped", "a/b", "a\\b", "a b", "ä", "%", "a%2Fb"};
        Path own = directory.resolve("caches");
        try (BlobArenaCacheManager manager = TestCaches.open(own)) {
            for (String name : names) {
                TestCaches.cache(manager, name).put("name", name);
            }
        }
        try (var folders = Files.list(own)) {
            assertThat(folders).hasSize(names.length);
        }
        try (var beside = Files.list(directory)) {
            assertThat(beside).containsExactly(own);
        }
        try (BlobArenaCacheManager manager = TestCaches.open(own)) {
            for (String name : names) {
                assertThat(TestCaches.cache(manager, name).get("name", String.class))
                        .isEqualTo(name);
            }
        }
    }

    @Test
    void cacheOfOneNameIsOpenInOneManagerAtATime() throws IOException {
        try (BlobArenaCacheManager manager = TestCaches.open(directory)) {
            TestCaches.cache(manager).put("a", "b");
            try (BlobArenaCacheManager other = TestCaches.open(directory)) {
                assertThatThrownBy(() -> other.getCache(TestCaches.NAME))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining(TestCaches.NAME)
                        .hasMessageContaining("open already");
                TestCaches.cache(other, "another").put("a", "b");
            }
            assertThatThrownBy(() -> BlobArenaCacheManager.builder()
                            .settings(TestCaches.settings())
                            .cache("first", TestCaches.settings())
                            .cacheNames(TestCaches.NAME)
                            .open(directory))
                    .isInstanceOf(StoreLockedException.class);
            // What it had opened before it failed is closed again.
            TestCaches.cache(manager, "first").put("a", "b");
            assertThat(TestCaches.cache(manager).get("a").get()).isEqualTo("b");
        }
    }

    @Test
    void managerThatIsClosedSaysSoAndSoDoItsCaches() {
        BlobArenaCacheManager manager = TestCaches.open(directory);
        BlobArenaCache cache = TestCaches.cache(manager);
        cache.put("a", "b");
        manager.close();
        manager.close();
        assertThatThrownBy(() -> manager.getCache(TestCaches.NAME))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> manager.getCache("other")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(manager::getCacheNames).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.get("a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.put("a", "c")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.get("a", () -> "c")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.evict("a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cache::clear).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.retrieve("a").get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.retrieve("a", () -> CompletableFuture.completedFuture("c"))
                        .get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void loadThatRunsWhileTheManagerIsClosedReturnsWhatItHasLoaded() throws Exception {
        BlobArenaCacheManager manager = TestCaches.open(directory);
        BlobArenaCache cache = TestCaches.cache(manager);
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        // In a thread of its own: the cache's future may need the one thread that all futures share.
        CompletableFuture<String> load = CompletableFuture.supplyAsync(
                () -> cache.get("a", () -> {
                    loading.countDown();
                    closed.await();
                    return "loaded";
                }),
                task -> new Thread(task).start());
        CompletableFuture<String> source = new CompletableFuture<>();
        CountDownLatch asked = new CountDownLatch(1);
        CompletableFuture<String> async = cache.retrieve("b", () -> {
            asked.countDown();
            return source;
        });
        loading.await();
        asked.await();
        manager.close();
        closed.countDown();
        source.complete("loaded");
        assertThat(load.get()).isEqualTo("loaded");
        assertThat(async.get()).isEqualTo("loaded");
        try (BlobArenaCacheManager again = TestCaches.open(directory)) {
            assertThat(TestCaches.cache(again).get("a")).isNull();
            assertThat(TestCaches.cache(again).get("b")).isNull();
        }
    }

    @Test
    void resetOfAManagerEmptiesItsCaches() {
        try (BlobArenaCacheManager manager = TestCaches.open(directory)) {
            TestCaches.cache(manager).put("a", "b");
            manager.resetCaches();
            assertThat(manager.getCacheNames()).containsExactly(TestCaches.NAME);
            assertThat(TestCaches.cache(manager).get("a")).isNull();
        }
    }
}
