package org.blobarena.store.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.blobarena.arena.Location;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.ManualBackground;
import org.blobarena.store.testing.TestClock;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the bytes of expired blobs come back. */
class ExpirySweepTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final int BLOB_BYTES = 1000;

    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();
    private final ManualBackground background = new ManualBackground();
    private BlobStore<String> store;

    @BeforeEach
    void openStore() throws IOException {
        store = open(builder -> builder);
    }

    @AfterEach
    void closeStore() throws IOException {
        store.close();
    }

    private Path directory() {
        return temporary.resolve("store");
    }

    /** Compacts when told to, and by itself, if that is asked for, when the background ticks. */
    private BlobStore<String> open(UnaryOperator<BlobStoreBuilder<String>> options) throws IOException {
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)),
                HeapLocationIndexFactory.forgetting(),
                name -> background);
        return options.apply(StoreAccess.environment(TestStores.onHeap(), environment)
                        .clock(clock))
                .open(directory());
    }

    private void reopen(UnaryOperator<BlobStoreBuilder<String>> options) throws IOException {
        store.close();
        store = open(options);
    }

    private void crashAndOpen() throws IOException {
        StoreAccess.crash(store);
        store = open(builder -> builder);
    }

    private void put(BlobStore<String> view, String prefix, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            view.put(prefix + i, TestStores.blob(BLOB_BYTES, i));
        }
    }

    private BlobStore<String> expiring() {
        return store.withExpiry(Expiry.after(HOUR));
    }

    @Test
    void figuresCountExpiredBlobsAsDeadAndAsExpiredUntilTheyAreReclaimed() throws IOException {
        put(store, "stays", 100);
        put(expiring(), "expires", 50);
        StoreStats before = store.stats();
        assertThat(before.expiredBytes()).isZero();
        assertThat(before.deadBytes()).isZero();
        assertThat(store.size()).isEqualTo(150);

        clock.advance(HOUR);

        StoreStats expired = store.stats();
        assertThat(expired.expiredBytes()).isEqualTo(10 * (40 + 8L + BLOB_BYTES) + 40 * (40 + 9L + BLOB_BYTES));
        assertThat(expired.deadBytes()).isEqualTo(expired.expiredBytes());
        assertThat(expired.liveBytes()).isEqualTo(before.liveBytes() - expired.expiredBytes());
        assertThat(expired.keys()).isEqualTo(100);
        assertThat(store.size()).isEqualTo(100);
        store.compact();
        assertThat(store.stats().expiredBytes()).isZero();
        assertThat(store.stats().deadBytes()).isZero();
        assertThat(store.verify().damage()).isEmpty();
        assertThat(TestStores.content(store)).hasSize(100);
    }

    @Test
    void expiredBytesAreToldAfterEveryKindOfOpening() throws IOException {
        put(store, "stays", 50);
        put(expiring(), "expires", 50);
        clock.advance(HOUR);
        long expired = store.stats().expiredBytes();
        assertThat(expired).isGreaterThan(50L * BLOB_BYTES);

        crashAndOpen();
        assertThat(store.stats().expiredBytes()).isEqualTo(expired);
        assertThat(store.size()).isEqualTo(50);
        reopen(builder -> builder);
        assertThat(store.stats().expiredBytes()).isEqualTo(expired);
    }

    @Test
    void spaceComesBackByItselfWithinTheBoundWhenNothingElseIsWritten() throws IOException {
        reopen(builder -> builder.automaticCompaction(true).maxDeadShare(0.2));
        put(store, "stays", 300);
        put(expiring(), "expires", 300);
        tick();
        long full = store.stats().arenaBytes();
        assertThat(full).isGreaterThan(600L * BLOB_BYTES);

        clock.advance(HOUR);
        tick();

        StoreStats after = store.stats();
        assertThat(after.arenaBytes()).isLessThanOrEqualTo((long) (after.neededBytes() / 0.8) + 1);
        assertThat(after.arenaBytes()).isLessThan(full * 2 / 3);
        assertThat(TestStores.content(store)).hasSize(300);
    }

    /** Everything stands in one file that takes records: it is sealed for it. */
    @Test
    void expiredBlobsOfTheActiveFileComeBackToo() throws IOException {
        reopen(builder -> builder.automaticCompaction(true).maxDeadBytes(5000));
        put(expiring(), "expires", 40);
        tick();
        assertThat(store.stats().arenaFiles()).isEqualTo(1);

        clock.advance(HOUR);
        tick();

        assertThat(store.stats().arenaBytes()).isLessThan(5000);
        assertThat(store.size()).isZero();
    }

    private void tick() {
        for (int i = 0; i < 10; i++) {
            background.tick();
        }
    }

    @Test
    void blobsThatExpireOneAfterTheOtherAreSweptEachInItsTime() throws IOException {
        reopen(builder -> builder.automaticCompaction(true).maxDeadShare(0.9));
        for (int i = 0; i < 60; i++) {
            store.put(
                    "key" + i,
                    TestStores.blob(BLOB_BYTES, i),
                    Expiry.at(clock.instant().plusSeconds(60 - i)));
        }
        for (int i = 59; i >= 0; i--) {
            clock.advance(Duration.ofSeconds(1));
            background.tick();
            assertThat(store.size()).isEqualTo(i);
        }
    }

    @Test
    void recordPutBehindASweepOfItsMomentIsSweptAsWell() throws IOException {
        put(expiring(), "expires", 10);
        clock.advance(HOUR);
        assertThat(store.stats().keys()).isZero();

        store.put("late", new byte[10], Expiry.at(clock.instant().minusSeconds(7200)));
        assertThat(store.stats().keys()).isZero();
        store.put("first", new byte[10], Expiry.at(Instant.MIN));
        assertThat(store.stats().keys()).isZero();
    }

    @Test
    void olderValueDoesNotComeBackWhenTheExpiredOneIsDropped() throws IOException {
        store.put("key", new byte[100]); // In a file that has too little dead to be compacted.
        put(store, "stays", 120);
        put(expiring(), "before", 30);
        store.put("key", new byte[200], Expiry.after(HOUR));
        put(expiring(), "expires", 60);
        clock.advance(HOUR);
        reopen(builder -> builder.automaticCompaction(true).maxDeadShare(0.3));
        tick();
        assertThat(store.get("key")).isNull();

        crashAndOpen();
        assertThat(store.get("key")).isNull();
        store.compact();
        crashAndOpen();
        clock.advance(-2 * HOUR.toMillis());
        assertThat(store.get("key")).isNull();
        assertThat(TestStores.content(store)).hasSize(120);
    }

    /** Swept at one time and compacted at an earlier one, it hides as before what it has hidden. */
    @Test
    void olderValueDoesNotComeBackWhenTheClockIsSetBackBetweenSweepAndCompaction() throws IOException {
        store.put("key", new byte[100]);
        put(store, "stays", 63);
        store.put("key", new byte[200], Expiry.after(HOUR));
        put(store, "old", 63);
        put(store, "old", 63);
        clock.advance(HOUR);
        assertThat(store.stats().expiredBytes()).isGreaterThan(200);
        clock.advance(-HOUR.toMillis());
        assertThat(store.get("key")).isNull();

        store.compact();

        crashAndOpen();
        assertThat(store.get("key")).isNull();
        assertThat(TestStores.content(store)).hasSize(126);
    }

    @Test
    void clockSetBackShowsAtMostTheNewestBlobAndNothingFails() throws IOException {
        store.put("key", new byte[100]);
        store.put("key", new byte[200], Expiry.after(HOUR));
        put(expiring(), "expires", 100);
        clock.advance(HOUR);
        assertThat(store.get("key")).isNull();
        clock.advance(-HOUR.toMillis());

        assertThat(store.get("key")).hasSize(200); // Nothing has dropped it yet.
        clock.advance(HOUR);
        store.compact();
        clock.advance(-HOUR.toMillis());
        assertThat(TestStores.content(store)).isEmpty();
        assertThat(store.verify().damage()).isEmpty();
        crashAndOpen();
        assertThat(TestStores.content(store)).isEmpty();
        assertThat(store.putIfAbsent("key", new byte[1])).isTrue();
    }

    @Test
    void verificationTakesASweptRecordForNoDamageAtAnyTime() throws IOException {
        put(store, "stays", 100);
        put(expiring(), "expires", 100);
        assertThat(store.verify().damage()).isEmpty();
        clock.advance(HOUR);
        assertThat(store.verify().damage()).isEmpty();
        assertThat(store.stats().keys()).isEqualTo(100);
        assertThat(store.verify().damage()).isEmpty();
        clock.advance(-HOUR.toMillis());
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void copiesOfCompactionKeepTheirMoments() throws IOException {
        put(expiring(), "expires", 100);
        put(store, "old", 100);
        put(store, "old", 100);
        store.compact();
        assertThat(store.describe("expires7").expiry())
                .isEqualTo(Expiry.at(clock.instant().plus(HOUR)));
        assertThat(TestStores.content(store)).hasSize(200);

        clock.advance(HOUR);

        assertThat(TestStores.content(store)).hasSize(100);
        assertThat(store.stats().keys()).isEqualTo(100);
    }

    /** To mend that, every removal of an absent key would have to be written as long as the bytes of any expired blob are there. */
    @Test
    void clockThatIsSetBackShowsWhatWasRemovedAfterItWasSweptIfTheIndexIsLostAndTheBytesAreNot() throws IOException {
        put(expiring(), "swept", 1);
        put(expiring(), "unswept", 1);
        put(expiring(), "compacted", 1);
        clock.advance(HOUR);
        assertThat(store.remove("unswept0")).isFalse();
        assertThat(store.stats().keys()).isZero();
        assertThat(store.remove("swept0")).isFalse();
        clock.advance(-1);
        assertThat(store.contains("swept0")).isFalse();
        crashAndOpen();
        assertThat(store.get("swept0")).isEqualTo(TestStores.blob(BLOB_BYTES, 0));
        assertThat(store.contains("unswept0")).isFalse();

        clock.advance(1);
        store.compact();
        clock.advance(-1);
        crashAndOpen();
        assertThat(store.size()).isZero();
    }

    @Test
    void repairAndSnapshotsKeepTheMoments() throws IOException {
        put(expiring(), "expires", 100);
        put(store, "stays", 100);
        Path snapshot = temporary.resolve("snapshot");
        store.snapshot(temporary.resolve("links"));
        TestStores.copy(temporary.resolve("links"), snapshot);
        Location damaged = StoreAccess.engine(store)
                .reads()
                .locate(StoreAccess.engine(store).encoded("expires5".getBytes(StandardCharsets.UTF_8)));
        store.close();
        Path file = TestStores.arenas(directory()).get((int) damaged.fileIndex() - 1);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[50]), damaged.end() - 500);
        }
        assertThat(BlobStore.repair(directory()).losses()).hasSize(1);
        store = open(builder -> builder);
        assertThat(TestStores.content(store)).hasSize(199);
        clock.advance(HOUR);
        assertThat(TestStores.content(store)).hasSize(100);
        try (BlobStore<String> copy = StoreAccess.environment(
                        TestStores.onHeap(),
                        new StoreEnvironment(
                                StoreOpener::openDirectory, HeapLocationIndexFactory.forgetting(), name -> background))
                .clock(clock)
                .open(snapshot)) {
            assertThat(TestStores.content(copy)).hasSize(100);
            clock.advance(-1);
            assertThat(TestStores.content(copy)).hasSize(200);
        }
    }

    /** What it finds may have been put since. It is swept once it has expired by the clock as it goes then. */
    @Test
    void aClockThatIsSetBackDuringASweepLosesNothing() throws IOException {
        AtomicInteger ahead = new AtomicInteger();
        InstantSource setBack =
                () -> ahead.getAndDecrement() > 0 ? clock.instant().plus(HOUR) : clock.instant();
        reopen(builder -> builder.clock(setBack));
        put(expiring(), "expires", 5);

        for (int asks = 1; asks <= 5; asks++) {
            ahead.set(asks); // So often the sweep is told that an hour has passed.
            boolean unused = store.stats().keys() > 0;
            ahead.set(0);
            assertThat(store.get("expires0")).as("%d times", asks).isEqualTo(TestStores.blob(BLOB_BYTES, 0));
            put(expiring(), "expires", 5);
        }

        clock.advance(HOUR);
        assertThat(store.stats().keys()).isZero();
    }
}
