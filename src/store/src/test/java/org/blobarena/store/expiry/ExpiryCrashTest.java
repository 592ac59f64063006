package org.blobarena.store.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.spec.SpecComparison;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.TestClock;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Crashes at every change that a store with blobs that expire makes: while it writes them, and while compaction reclaims
 * them. What is found then is what had been acknowledged, less what has expired; by a clock that is set back, it may be the
 * newest blob of a key that had expired, and never an older one.
 */
class ExpiryCrashTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final int RANDOM_VERSIONS = 3;
    private static final int SMALL = 2048;

    private final FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
    private final TestClock clock = new TestClock();
    private final Map<String, ByteBuffer> newest = new HashMap<>();
    private SplittableRandom random = new SplittableRandom(1);

    private static BlobStoreBuilder<String> builder(FaultyDirectory device, TestClock clock) {
        return StoreAccess.fileBytes(
                        StoreAccess.environment(
                                BlobStore.builder(KeyCodec.utf8()),
                                new StoreEnvironment(
                                        (path, create) -> device,
                                        HeapLocationIndexFactory.forgetting(),
                                        name -> new CrashWorkload.Immediate())),
                        SMALL)
                .bufferBytes(1024)
                .automaticCompaction(false)
                .durability(Durability.FORCED)
                .clock(clock);
    }

    private BlobStore<String> open() throws IOException {
        return builder(directory, clock).open(Path.of("simulated"));
    }

    private void put(BlobStore<String> store, String key, byte[] blob, Expiry expiry) throws IOException {
        store.put(key, blob, expiry);
        newest.put(key, ByteBuffer.wrap(blob));
    }

    private void requireAfterCrash(DiskImage image, Map<String, ByteBuffer> expected) throws IOException {
        TestClock later = new TestClock();
        later.advance(clock.millis() - later.millis());
        try (BlobStore<String> store =
                builder(new FaultyDirectory(image), later).open(Path.of("simulated"))) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(store)).isEqualTo(expected);
            later.advance(-Duration.ofDays(1).toMillis());
            TestStores.content(store)
                    .forEach((key, blob) -> assertThat(blob).as(key).isEqualTo(newest.get(key)));
            StoreAccess.crash(store);
        }
    }

    private int requireAfterCrashes(int from, Map<String, ByteBuffer> expected) throws IOException {
        SimulatedDevice device = directory.deviceAfter(from);
        for (int change = from; change <= directory.changes(); change++) {
            requireAfterCrash(device.afterKill(), expected);
            requireAfterCrash(device.afterPowerLoss(), expected);
            for (int version = 0; version < RANDOM_VERSIONS; version++) {
                requireAfterCrash(device.afterPowerLoss(random), expected);
            }
            if (change < directory.changes()) {
                directory.advance(device, change);
            }
        }
        return directory.changes() - from;
    }

    @Test
    void olderValueStaysHiddenWhereverCompactionOfTheExpiredOneEnds() throws IOException {
        BlobStore<String> store = open();
        put(store, "key", new byte[100], Expiry.never()); // In the first file, which stays, with something dead in it.
        put(store, "stays", new byte[1400], Expiry.never());
        for (int i = 0; i < 10; i++) {
            put(store, "expires" + i, new byte[500 + i], Expiry.after(HOUR));
            put(store, "key", new byte[101 + i], Expiry.after(HOUR));
        }
        clock.advance(HOUR);
        Map<String, ByteBuffer> expected = TestStores.content(store);
        assertThat(expected).containsOnlyKeys("stays");
        int from = directory.changes();

        store.compact();

        assertThat(requireAfterCrashes(from, expected)).isGreaterThan(10);
        assertThat(store.stats().expiredBytes()).isZero();
        store.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyKeyIsAnsweredAsBeforeWhereverACompactionEnds(long seed) throws IOException {
        random = new SplittableRandom(seed);
        BlobStore<String> store = open();
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < 15; i++) {
                String key = "key" + random.nextInt(12);
                switch (random.nextInt(6)) {
                    case 0 -> {
                        if (store.remove(key)) {
                            newest.remove(key);
                        }
                    }
                    case 1, 2 -> put(store, key, TestStores.blob(random.nextInt(600), i), Expiry.never());
                    default ->
                        put(
                                store,
                                key,
                                TestStores.blob(random.nextInt(600), i),
                                Expiry.after(Duration.ofMinutes(1 + random.nextInt(120))));
                }
            }
            clock.advance(Duration.ofMinutes(random.nextInt(90)));
            Map<String, ByteBuffer> expected = TestStores.content(store);
            int from = directory.changes();
            store.compact();
            int changes = requireAfterCrashes(from, expected);
            assertThat(changes).isPositive();
        }
        store.close();
    }

    /** Both readers find the same in every state that writes and compactions leave. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void whatAKillLeavesIsReadAlikeByTheReaderByThePage(long seed) throws IOException {
        random = new SplittableRandom(seed);
        clock.advance(System.currentTimeMillis() - clock.millis());
        BlobStore<String> store = open();
        int from = directory.changes();
        for (int i = 0; i < 25; i++) {
            // Far enough from now on either side for no clock to matter.
            Duration away = Duration.ofDays(random.nextInt(2) == 0 ? -1 : 1);
            store.put(
                    "key" + random.nextInt(6),
                    TestStores.blob(random.nextInt(500), i),
                    random.nextInt(3) == 0
                            ? Expiry.never()
                            : Expiry.at(clock.instant().plus(away)));
            if (i % 10 == 9) {
                store.compact();
            }
        }
        SimulatedDevice device = directory.deviceAfter(from);
        Set<String> keys = new TreeSet<>();
        for (int i = 0; i < 6; i++) {
            keys.add("key" + i);
        }
        for (int change = from; change <= directory.changes(); change++) {
            Map<String, byte[]> files = device.afterKill().files();
            assertThat(SpecComparison.byLibrary(files, keys))
                    .as("killed after change %d", change)
                    .isEqualTo(SpecComparison.bySpecification(files, keys));
            if (change < directory.changes()) {
                directory.advance(device, change);
            }
        }
        store.close();
    }
}
