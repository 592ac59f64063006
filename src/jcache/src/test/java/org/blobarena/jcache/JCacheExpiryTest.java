package org.blobarena.jcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.cache.Cache;
import javax.cache.configuration.Factory;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.event.CacheEntryExpiredListener;
import javax.cache.expiry.AccessedExpiryPolicy;
import javax.cache.expiry.CreatedExpiryPolicy;
import javax.cache.expiry.Duration;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.expiry.ModifiedExpiryPolicy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When entries expire, by a clock that goes on as the tests say. */
class JCacheExpiryTest {

    private static final long LIFE = 1600;
    private static final Duration DURATION = new Duration(TimeUnit.MILLISECONDS, LIFE);

    @TempDir
    private Path directory;

    private final AtomicLong clock = new AtomicLong();

    @BeforeEach
    void startClock() {
        clock.set(1_000_000);
    }

    private TestManager manager() {
        return new TestManager(directory, () -> Instant.ofEpochMilli(clock.get()));
    }

    private static MutableConfiguration<String, String> expiring(Factory<ExpiryPolicy> policy) {
        return new MutableConfiguration<String, String>().setExpiryPolicyFactory(policy);
    }

    @Test
    void momentOfCreationCountsOverRestarts() {
        Factory<ExpiryPolicy> policy = CreatedExpiryPolicy.factoryOf(DURATION);
        try (TestManager manager = manager()) {
            Cache<String, String> cache = manager.create("c", expiring(policy));
            cache.put("a", "one");
            clock.addAndGet(LIFE - 1);
            cache.put("a", "two");
        }
        try (TestManager manager = manager()) {
            Cache<String, String> cache = manager.create("c", expiring(policy));
            assertThat(cache.get("a")).isEqualTo("two");
            clock.incrementAndGet();
            assertThat(cache.get("a")).isNull();
            assertThat(cache.containsKey("a")).isFalse();
            assertThat(cache).isEmpty();
        }
    }

    @Test
    void updateProlongsWhereThePolicySaysSo() {
        try (TestManager manager = manager()) {
            Cache<String, String> cache = manager.create("c", expiring(ModifiedExpiryPolicy.factoryOf(DURATION)));
            cache.put("a", "one");
            clock.addAndGet(LIFE - 1);
            assertThat(cache.get("a")).isEqualTo("one");
            cache.put("a", "two");
            clock.addAndGet(LIFE - 1);
            assertThat(cache.get("a")).isEqualTo("two");
            clock.incrementAndGet();
            assertThat(cache.get("a")).isNull();
        }
    }

    @Test
    void useProlongsAndAnUnusedEntryGoesASixteenthEarlyAtMost() {
        try (TestManager manager = manager()) {
            Cache<String, String> cache = manager.create("c", expiring(AccessedExpiryPolicy.factoryOf(DURATION)));
            cache.put("a", "one");
            for (long millis = 0; millis < 3 * LIFE; millis++) {
                clock.incrementAndGet();
                assertThat(cache.get("a")).isEqualTo("one");
            }
            clock.addAndGet(LIFE - LIFE / Expiries.SHARE - 1);
            assertThat(cache.containsKey("a")).isTrue();
            clock.addAndGet(LIFE / Expiries.SHARE + 1);
            assertThat(cache.containsKey("a")).isFalse();
        }
    }

    @Test
    void useIsWrittenSixteenTimesInTheTimeToExpiryAtMost() {
        Expiries expiries = new Expiries(new AccessedExpiryPolicy(DURATION), () -> Instant.ofEpochMilli(clock.get()));
        long moment = expiries.atCreation();
        int writes = 0;
        for (long millis = 0; millis < 100 * LIFE; millis++) {
            clock.incrementAndGet();
            long next = expiries.atAccess();
            if (expiries.isWorthWriting(moment, next)) {
                moment = next;
                writes++;
            }
        }
        assertThat(writes).isBetween(100 * Expiries.SHARE * 9 / 10, 100 * Expiries.SHARE);
        assertThat(expiries.isWorthWriting(Expiries.NEVER, expiries.atAccess())).isTrue();
        assertThat(expiries.isWorthWriting(moment, Expiries.NEVER)).isTrue();
        assertThat(expiries.isWorthWriting(moment, Expiries.AS_IT_IS)).isFalse();
    }

    @Test
    void useIsKeptOverARestart() {
        Factory<ExpiryPolicy> policy = AccessedExpiryPolicy.factoryOf(DURATION);
        try (TestManager manager = manager()) {
            Cache<String, String> cache = manager.create("c", expiring(policy));
            cache.put("a", "one");
            clock.addAndGet(LIFE / 2);
            assertThat(cache.iterator().next().getValue()).isEqualTo("one");
        }
        clock.addAndGet(LIFE - 1);
        try (TestManager manager = manager()) {
            assertThat(manager.create("c", expiring(policy)).get("a")).isEqualTo("one");
        }
    }

    @Test
    void policyThatFailsLeavesEntriesAsTheyAre() {
        try (TestManager manager = manager()) {
            Cache<String, String> cache = manager.create("c", expiring(FailingPolicy::new));
            cache.put("a", "one");
            cache.put("a", "two");
            clock.addAndGet(1L << 40);
            assertThat(cache.get("a")).isEqualTo("two");
        }
    }

    /** Fails at everything. */
    private static final class FailingPolicy implements ExpiryPolicy {

        @Override
        public Duration getExpiryForCreation() {
            throw new IllegalStateException("creation");
        }

        @Override
        public Duration getExpiryForAccess() {
            throw new IllegalStateException("access");
        }

        @Override
        public Duration getExpiryForUpdate() {
            throw new IllegalStateException("update");
        }
    }

    @Test
    void whoFindsAnExpiredEntryTellsTheListenersOnce() {
        List<String> expired = new ArrayList<>();
        CacheEntryExpiredListener<String, String> listener =
                events -> events.forEach(event -> expired.add(event.getKey() + "=" + event.getOldValue()));
        try (TestManager manager = manager()) {
            Cache<String, String> cache = manager.create(
                    "c",
                    expiring(CreatedExpiryPolicy.factoryOf(DURATION))
                            .addCacheEntryListenerConfiguration(
                                    new MutableCacheEntryListenerConfiguration<>(() -> listener, null, true, true)));
            for (String key : List.of("a", "b", "c")) {
                cache.put(key, "of " + key);
            }
            clock.addAndGet(LIFE);
            assertThat(cache.get("a")).isNull();
            assertThat(cache.get("a")).isNull();
            assertThat(cache.remove("b")).isFalse();
            assertThat(cache.iterator().hasNext()).isFalse();
            assertThat(expired).containsExactly("a=of a", "b=of b", "c=of c");
        }
    }
}
