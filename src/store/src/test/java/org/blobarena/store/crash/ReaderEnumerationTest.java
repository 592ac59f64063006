package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.ReplayDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.ReadOnlyBlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Opens a reader at every change that a scripted workload makes to its directory, and lets the workload go on between any two
 * steps of a reader. Shows invariant 18 of store-format.md.
 */
class ReaderEnumerationTest {

    private static final int MOMENTS_WANTED = 2_000;
    private static final int REFRESHES_WANTED = 3_500;
    private static final int REPLAYS = 120;

    private int moments;
    private int refreshes;

    @Test
    void readerFindsAtEveryMomentWhatAnOpeningWouldFind() throws IOException {
        enumerate(11, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE, 2, 60);
        enumerate(12, new CrashWorkload.Immediate(), CrashWorkload.Sizes.STREAMS, 2, 20);
        enumerate(13, new CrashWorkload.Never(), CrashWorkload.Sizes.COMPRESSED, 2, 12);

        System.out.println("readers at every moment: " + moments + " states tried");
        assertThat(moments).isGreaterThanOrEqualTo(MOMENTS_WANTED);
    }

    @Test
    void viewIsOneOfOneMomentWhateverTheWriterDoesBetweenTheStepsOfTheReader() throws IOException {
        replay(recorded(21, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE, 3, 120));
        replay(recorded(22, new CrashWorkload.Immediate(), CrashWorkload.Sizes.STREAMS, 2, 60));
        replay(recorded(23, new CrashWorkload.Immediate(), CrashWorkload.Sizes.COMPRESSED, 2, 20));
        replay(byItself(24));

        System.out.println("readers beside a writer: " + refreshes + " refreshes tried");
        assertThat(refreshes).isGreaterThanOrEqualTo(REFRESHES_WANTED);
    }

    /** Compaction has dropped a value and its tombstone, whose file is deleted first. */
    @Test
    void fileThatCompactionHasReplacedAndNotDeletedYetBringsNothingBack() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        BlobStore<String> store = CrashWorkload.open(
                CrashWorkload.environment(directory, new CrashWorkload.Immediate()), CrashWorkload.Sizes.WHOLE);
        byte[] half = "x".repeat(30_000).getBytes(StandardCharsets.US_ASCII);
        store.put("key-0", half);
        store.put("key-1", half);
        store.put("key-2", half);
        assertThat(store.remove("key-0")).isTrue();
        store.put("key-3", half);
        store.put("key-2", half); // So that in the file of the tombstone, too, half is dead.
        store.force();
        Map<String, byte[]> before = killed(directory);
        store.compact();
        Map<String, byte[]> after = killed(directory);
        StoreAccess.crash(store);
        int stayed = 0;
        for (Map.Entry<String, byte[]> file : before.entrySet()) {
            if (!after.containsKey(file.getKey())) {
                Map<String, byte[]> files = new HashMap<>(after);
                files.put(file.getKey(), file.getValue());
                assertThat(compare(new DiskImage(files), file.getKey())).containsOnlyKeys("key-1", "key-2", "key-3");
                stayed++;
            }
        }
        assertThat(stayed).isGreaterThan(1);
    }

    private static Map<String, byte[]> killed(FaultyDirectory directory) {
        return directory.deviceAfter(directory.changes()).afterKill().files();
    }

    private record Recorded(FaultyDirectory directory, CrashWorkload workload) {}

    private static Recorded recorded(
            long seed, Background background, CrashWorkload.Sizes sizes, int openings, int writes) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        CrashWorkload workload = new CrashWorkload(directory, seed, background, sizes);
        if (background instanceof CrashWorkload.Immediate) {
            workload.compacting();
        }
        workload.run(openings, writes);
        return new Recorded(directory, workload);
    }

    /** A store that compacts by itself, and has readers of its own that keep files. */
    private static Recorded byItself(long seed) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        CrashWorkload workload = new CrashWorkload(
                        directory, seed, new CrashWorkload.Periodic(), CrashWorkload.Sizes.WHOLE)
                .compactingByItself()
                .reading();
        workload.run(2, 150);
        return new Recorded(directory, workload);
    }

    private void enumerate(long seed, Background background, CrashWorkload.Sizes sizes, int openings, int writes)
            throws IOException {
        Recorded recorded = recorded(seed, background, sizes, openings, writes);
        FaultyDirectory directory = recorded.directory;
        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(seed);
        for (int changes = 0; changes < directory.changes(); changes++) {
            for (DiskImage image :
                    new DiskImage[] {device.afterKill(), device.afterPowerLoss(), device.afterPowerLoss(random)}) {
                if (image.files().containsKey("STORE")) {
                    moments++;
                    Map<String, String> unused = compare(image, "seed " + seed + ", change " + changes);
                }
            }
            directory.advance(device, changes);
        }
    }

    private static Map<String, String> compare(DiskImage image, String what) throws IOException {
        FaultyDirectory untouched = new FaultyDirectory(image);
        Map<String, String> found;
        try (ReadOnlyBlobStore<String> reader = open(untouched)) {
            assertThat(reader.stats().opening().damage()).as(what).isEmpty();
            found = content(reader);
        }
        assertThat(untouched.changes()).isZero();
        BlobStore<String> store = CrashWorkload.open(
                CrashWorkload.environment(new FaultyDirectory(image), new CrashWorkload.Immediate()),
                CrashWorkload.Sizes.WHOLE);
        try {
            assertThat(found).as(what).isEqualTo(CrashWorkload.content(store));
        } finally {
            StoreAccess.crash(store);
        }
        return found;
    }

    private void replay(Recorded recorded) throws IOException {
        for (int i = 0; i < REPLAYS; i++) {
            SplittableRandom random = new SplittableRandom(i);
            int changesPerStepMax = 1 << i % 7;
            ReplayDirectory directory = new ReplayDirectory(recorded.directory, changesPerStepMax, random);
            try {
                follow(recorded.workload, directory, random);
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("replay " + i + ", at change " + directory.changes() + ": " + e, e);
            }
            assertThat(directory.openHandles()).isZero();
        }
    }

    private void follow(CrashWorkload workload, ReplayDirectory directory, SplittableRandom random) throws IOException {
        while (!hasStore(directory)) {
            directory.advance(1);
        }
        int before = directory.changes();
        try (ReadOnlyBlobStore<String> reader = open(directory)) {
            while (true) {
                refreshes++;
                check(workload, reader, before, directory.changes());
                if (directory.isAtEnd()) {
                    return;
                }
                directory.advance(random.nextInt(20));
                before = directory.changes();
                reader.refresh();
            }
        }
    }

    private static boolean hasStore(Directory directory) throws IOException {
        return directory.list().contains("STORE");
    }

    /** Looks for the moment of the view; and reads it twice, while the writer goes on. */
    private static void check(CrashWorkload workload, ReadOnlyBlobStore<String> reader, int from, int to)
            throws IOException {
        Map<String, String> found = content(reader);
        assertThat(content(reader)).isEqualTo(found);
        for (int changes = from; changes <= to; changes++) {
            if (workload.allows(found, changes)) {
                return;
            }
        }
        workload.check(found, to, false);
        throw new AssertionError(
                "no store had this at a moment from change " + from + " to " + to + ": " + found.keySet());
    }

    private static ReadOnlyBlobStore<String> open(Directory directory) throws IOException {
        HeapLocationIndexFactory indexes = HeapLocationIndexFactory.forgetting();
        StoreEnvironment environment =
                new StoreEnvironment((path, create) -> directory, indexes, name -> new CrashWorkload.Immediate());
        return StoreAccess.environment(BlobStore.reader(KeyCodec.utf8()), environment, indexes)
                .open(Path.of("simulated"));
    }

    /** What a reader has, every key read in all ways. */
    private static Map<String, String> content(ReadOnlyBlobStore<String> reader) throws IOException {
        Map<String, String> content = new HashMap<>();
        reader.forEach((key, value) -> assertThat(content.put(key, text(value)))
                .as("a second visit of %s", key)
                .isNull());
        assertThat(reader.size()).isEqualTo(content.size());
        for (int i = 0; i < CrashWorkload.KEYS; i++) {
            String key = "key-" + i;
            assertThat(text(reader.get(key))).isEqualTo(content.get(key));
            assertThat(reader.contains(key)).isEqualTo(content.containsKey(key));
        }
        return content;
    }

    private static @Nullable String text(byte @Nullable [] value) {
        return value == null ? null : new String(value, StandardCharsets.US_ASCII);
    }
}
