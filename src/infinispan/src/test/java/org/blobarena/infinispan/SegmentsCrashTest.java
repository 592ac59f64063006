package org.blobarena.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.ManualBackground;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the process at every change to the files while entries move to other segments, while segments go and in a clear. */
class SegmentsCrashTest {

    private static final int KEYS = 20;
    private static final int BEFORE = 3;
    private static final int AFTER = 5;
    private static final int STATES_WANTED = 50;
    private static final long EXPIRY_MILLIS = 1_000_000;

    @TempDir
    private Path temporary;

    private int states;

    /** What runs on an open store. */
    @FunctionalInterface
    private interface Use {
        void of(SegmentedBlobs blobs) throws IOException;
    }

    private void use(BlobStoreBuilder<byte[]> builder, int segments, Use use) throws IOException {
        try (StoreDirectory directory = StoreDirectory.open(temporary.resolve("state " + states++))) {
            use(directory, builder, segments, use);
        }
    }

    private static void use(StoreDirectory directory, BlobStoreBuilder<byte[]> builder, int segments, Use use)
            throws IOException {
        Partition partition = new Partition(key -> 0, segments, true, segments + " by the first byte");
        SegmentedBlobs blobs = new Opening(directory, builder, partition, key -> key[0] % segments).open();
        try {
            use.of(blobs);
        } finally {
            blobs.close();
        }
    }

    private static BlobStoreBuilder<byte[]> on(FaultyDirectory device) {
        return StoreAccess.environment(
                BlobStore.builder(KeyCodec.bytes()),
                new StoreEnvironment(
                        (path, create) -> device,
                        HeapLocationIndexFactory.forgetting(),
                        name -> new ManualBackground()));
    }

    private static byte[] key(int number) {
        return new byte[] {(byte) number, 7};
    }

    private static byte[] blob(int number) {
        byte[] blob = new byte[number == 3 ? 100_000 : 50 + number];
        Arrays.fill(blob, (byte) number);
        return blob;
    }

    private static void fill(SegmentedBlobs blobs, int segments) throws IOException {
        for (int i = 0; i < KEYS; i++) {
            Expiry expiry = i % 4 == 0 ? Expiry.at(Instant.ofEpochMilli(EXPIRY_MILLIS)) : Expiry.never();
            blobs.put(i % segments, key(i), blob(i), expiry);
        }
    }

    /** A device on which a filled store has been closed. */
    private FaultyDirectory filled() throws IOException {
        FaultyDirectory device = new FaultyDirectory(DiskImage.empty());
        use(on(device), BEFORE, blobs -> fill(blobs, BEFORE));
        return new FaultyDirectory(device.deviceAfter(device.changes()).afterKill());
    }

    /** Opens what is left by a death before each of some changes, and in the middle of each write. */
    private void afterEachDeath(FaultyDirectory device, int changes, int segments, Use check) throws IOException {
        SimulatedDevice now = device.device();
        int before = states;
        for (int change = 0; change < changes; change++) {
            use(on(new FaultyDirectory(now.afterKill())), segments, check);
            int bytes = device.writeBytes(change);
            if (bytes > 1) {
                use(on(new FaultyDirectory(device.imageInWrite(now, change, bytes / 2))), segments, check);
            }
            device.advance(now, change);
        }
        use(on(new FaultyDirectory(now.afterKill())), segments, check);
        assertThat(states - before).isGreaterThan(STATES_WANTED);
    }

    private static void assertHas(SegmentedBlobs blobs, int segment, int number) throws IOException {
        assertThat(blobs.get(segment, key(number))).isEqualTo(blob(number));
        assertThat(blobs.expiryMillis(segment, key(number)))
                .isEqualTo(number % 4 == 0 ? EXPIRY_MILLIS : Long.MAX_VALUE);
    }

    private static void assertHasAll(SegmentedBlobs blobs, int segments) throws IOException {
        for (int i = 0; i < KEYS; i++) {
            assertHas(blobs, i % segments, i);
        }
        for (int segment = 0; segment < segments; segment++) {
            Collection<byte[]> keys = blobs.keys(segment);
            int own = segment;
            assertThat(keys).hasSize((int) blobs.count(segment)).allMatch(key -> key[0] % segments == own);
        }
        assertThat(count(blobs)).isEqualTo(KEYS);
    }

    private static long count(SegmentedBlobs blobs) {
        long count = 0;
        for (int segment = 0; segment < blobs.segments(); segment++) {
            count += blobs.count(segment);
        }
        return count;
    }

    @Test
    void deathWhileEntriesMoveToOtherSegmentsLosesNone() throws IOException {
        FaultyDirectory device = filled();
        use(on(device), AFTER, blobs -> assertHasAll(blobs, AFTER));

        afterEachDeath(device, device.changes(), AFTER, blobs -> assertHasAll(blobs, AFTER));
    }

    @Test
    void deathWhileEntriesMoveAndAReturnToTheSegmentsOfBeforeLosesNone() throws IOException {
        FaultyDirectory device = filled();
        use(on(device), AFTER, blobs -> assertHasAll(blobs, AFTER));

        afterEachDeath(device, device.changes(), BEFORE, blobs -> assertHasAll(blobs, BEFORE));
    }

    @Test
    void deathWhileASegmentIsRemovedLeavesOthersAndOfThatOneWholeEntries() throws IOException {
        FaultyDirectory device = filled();
        int[] changes = new int[1];
        use(on(device), BEFORE, blobs -> {
            blobs.removeSegment(1);
            changes[0] = device.changes();
            assertThat(blobs.count(1)).isZero();
            assertThat(count(blobs)).isEqualTo(KEYS - entriesOf(1));
        });

        SimulatedDevice done = device.deviceAfter(changes[0]);
        use(
                on(new FaultyDirectory(done.afterKill())),
                BEFORE,
                blobs -> assertThat(blobs.count(1)).isZero());
        int before = states;
        SimulatedDevice now = device.device();
        for (int change = 0; change < changes[0]; change++) {
            use(on(new FaultyDirectory(now.afterKill())), BEFORE, SegmentsCrashTest::assertOthersAreThere);
            int bytes = device.writeBytes(change);
            for (int part = 1; part < 8 && bytes > 8; part++) {
                use(
                        on(new FaultyDirectory(device.imageInWrite(now, change, bytes * part / 8))),
                        BEFORE,
                        SegmentsCrashTest::assertOthersAreThere);
            }
            device.advance(now, change);
        }
        assertThat(states - before).isPositive();
    }

    private static int entriesOf(int segment) {
        return (KEYS - segment + BEFORE - 1) / BEFORE;
    }

    private static void assertOthersAreThere(SegmentedBlobs blobs) throws IOException {
        int left = 0;
        for (int i = 0; i < KEYS; i++) {
            if (i % BEFORE != 1) {
                assertHas(blobs, i % BEFORE, i);
            } else if (blobs.get(1, key(i)) != null) {
                assertHas(blobs, 1, i);
                left++;
            }
        }
        assertThat(blobs.keys(1)).hasSize(left);
        assertThat(blobs.count(1)).isEqualTo(left);
        blobs.removeSegment(1);
        assertThat(count(blobs)).isEqualTo(KEYS - entriesOf(1));
    }

    // ---- clear

    @Test
    void deathBetweenTheStepsOfAClearLeavesNothingAndAStoreThatWorks() throws IOException {
        Path root = temporary.resolve("cleared");
        boolean[] dead = new boolean[1];
        BlobStoreBuilder<byte[]> dying = StoreAccess.environment(
                BlobStore.builder(KeyCodec.bytes()),
                new StoreEnvironment(
                        (path, create) -> {
                            if (dead[0]) {
                                throw new IOException("the process is dead");
                            }
                            return StoreOpener.openDirectory(path, create);
                        },
                        HeapLocationIndexFactory.forgetting()));
        try (StoreDirectory directory = StoreDirectory.open(root)) {
            assertThatThrownBy(() -> use(directory, dying, BEFORE, blobs -> {
                        fill(blobs, BEFORE);
                        dead[0] = true;
                        blobs.clear();
                    }))
                    .isInstanceOf(Exception.class);
        }
        assertThat(discarded(root)).isPositive();

        assertIsEmptyAndWorks(root);
    }

    @Test
    void deathWhileWhatWasClearedIsDeletedLeavesNothing() throws IOException {
        Path root = temporary.resolve("cleared");
        Path copy = temporary.resolve("copy");
        try (StoreDirectory directory = StoreDirectory.open(root)) {
            use(directory, BlobStore.builder(KeyCodec.bytes()), BEFORE, blobs -> fill(blobs, BEFORE));
            FileUtils.copyDirectory(directory.blobs().toFile(), copy.toFile());
            use(directory, BlobStore.builder(KeyCodec.bytes()), BEFORE, SegmentedBlobs::clear);
        }
        try (Stream<Path> files = Files.list(copy)) {
            Files.delete(files.filter(file -> file.toString().endsWith(".arena"))
                    .findFirst()
                    .orElseThrow());
        }
        FileUtils.moveDirectory(copy.toFile(), root.resolve("discarded-1").toFile());

        assertIsEmptyAndWorks(root);
    }

    private static long discarded(Path root) throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.filter(file -> file.getFileName().toString().startsWith("discarded-"))
                    .count();
        }
    }

    private static void assertIsEmptyAndWorks(Path root) throws IOException {
        for (int restart = 0; restart < 2; restart++) {
            long expected = restart;
            try (StoreDirectory directory = StoreDirectory.open(root)) {
                use(directory, BlobStore.builder(KeyCodec.bytes()), BEFORE, blobs -> {
                    assertThat(count(blobs)).isEqualTo(expected);
                    for (int i = 0; i < KEYS; i++) {
                        assertThat(blobs.get(i % BEFORE, key(i))).isNull();
                    }
                    blobs.put(0, new byte[] {99}, blob(1), Expiry.never());
                });
            }
            assertThat(discarded(root)).isZero();
        }
    }
}
