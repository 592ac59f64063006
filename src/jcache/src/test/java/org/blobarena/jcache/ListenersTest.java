package org.blobarena.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.cache.Cache;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryListener;
import javax.cache.event.CacheEntryListenerException;
import javax.cache.event.CacheEntryRemovedListener;
import javax.cache.event.CacheEntryUpdatedListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In which order listeners are told, and what happens if they fail. The time limits are against hanging. */
@Timeout(120)
class ListenersTest {

    private static final int STEPS = 300;

    @TempDir
    private Path directory;

    /** Notes the values. */
    private static class Notes
            implements CacheEntryCreatedListener<String, Integer>,
                    CacheEntryUpdatedListener<String, Integer>,
                    CacheEntryRemovedListener<String, Integer>,
                    Closeable {

        final List<String> told = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public void onCreated(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> events) {
            events.forEach(event -> told.add("+" + event.getValue()));
        }

        @Override
        public void onUpdated(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> events) {
            events.forEach(event -> told.add(event.getOldValue() + ">" + event.getValue()));
        }

        @Override
        public void onRemoved(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> events) {
            events.forEach(event -> told.add("-" + event.getOldValue()));
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    private static CacheEntryListenerConfiguration<String, Integer> of(
            CacheEntryListener<String, Integer> listener, boolean isSynchronous) {
        return new MutableCacheEntryListenerConfiguration<>(() -> listener, null, true, isSynchronous);
    }

    @Test
    void everyListenerIsToldOfAKeyInTheOrderOfTheChanges() throws Exception {
        Notes inTheStep = new Notes();
        Notes later = new Notes();
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, Integer> cache = manager.create(
                    "c",
                    new MutableConfiguration<String, Integer>()
                            .addCacheEntryListenerConfiguration(of(inTheStep, true))
                            .addCacheEntryListenerConfiguration(of(later, false)));
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread thread = new Thread(() -> {
                    for (int step = 0; step < STEPS; step++) {
                        cache.invoke("n", (entry, arguments) -> {
                            entry.setValue(entry.exists() ? entry.getValue() + 1 : 1);
                            return null;
                        });
                    }
                });
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            boolean removed = cache.remove("n");
            assertThat(removed).isTrue();
        }
        later.closed.await();
        inTheStep.closed.await();
        List<String> expected = new ArrayList<>(List.of("+1"));
        for (int i = 1; i < 3 * STEPS; i++) {
            expected.add(i + ">" + (i + 1));
        }
        expected.add("-" + 3 * STEPS);
        assertThat(inTheStep.told).isEqualTo(expected);
        assertThat(later.told).isEqualTo(expected);
    }

    @Test
    void listenerThatFailsFailsTheCallButNotTheChangeNorTheOtherListeners() {
        CacheEntryCreatedListener<String, Integer> failing = events -> {
            throw new IllegalArgumentException("broken");
        };
        Notes notes = new Notes();
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, Integer> cache = manager.create("c", new MutableConfiguration<>());
            cache.registerCacheEntryListener(of(failing, true));
            cache.registerCacheEntryListener(of(failing, false));
            cache.registerCacheEntryListener(of(notes, true));
            assertThatThrownBy(() -> cache.put("a", 1))
                    .isInstanceOf(CacheEntryListenerException.class)
                    .hasRootCauseMessage("broken");
            assertThat(cache.get("a")).isEqualTo(1);
            assertThat(notes.told).containsExactly("+1");
        }
    }

    @Test
    void listenerThatIsDeregisteredIsToldNothingAndClosed() throws Exception {
        Notes notes = new Notes();
        CacheEntryListenerConfiguration<String, Integer> configuration = of(notes, false);
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, Integer> cache = manager.create("c", new MutableConfiguration<>());
            cache.registerCacheEntryListener(configuration);
            cache.put("a", 1);
            cache.deregisterCacheEntryListener(configuration);
            cache.put("a", 2);
            notes.closed.await();
            assertThat(notes.told).containsExactly("+1");
        }
    }
}
