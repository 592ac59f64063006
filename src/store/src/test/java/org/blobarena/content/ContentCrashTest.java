package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Stops a content store at every change to the directories of its names and its contents, in several versions of what their
 * device kept, and opens it again.
 */
class ContentCrashTest {

    private static final int STEPS = 70;
    private static final int NAMES = 6;
    private static final int RANDOM_VERSIONS = 5;
    private static final int STATES_WANTED = 1000;

    private final FaultyDirectory namesDirectory = new FaultyDirectory(DiskImage.empty());
    private final FaultyDirectory contentsDirectory = new FaultyDirectory(DiskImage.empty());
    private final List<FaultyDirectory> order = new ArrayList<>();
    private final List<Done> done = new ArrayList<>();
    private int states;

    /**
     * What a step has come to.
     *
     * @param changes how many changes were made by its end
     * @param forced whether everything is on the device then
     * @param names what they are bound to
     */
    private record Done(int changes, boolean forced, Map<String, Digest> names) {}

    @ParameterizedTest
    @EnumSource
    void noCrashLeavesANameWithoutItsContentOrTakesOneThatWasAcknowledged(Durability durability) throws IOException {
        run(durability);

        SimulatedDevice names = namesDirectory.device();
        SimulatedDevice contents = contentsDirectory.device();
        SplittableRandom random = new SplittableRandom(durability.name().length());
        int namesChanges = 0;
        int contentsChanges = 0;
        for (int changes = 0; changes < order.size(); changes++) {
            boolean killLoses = durability == Durability.BUFFERED;
            boolean powerLoses = durability != Durability.FORCED;
            check(changes, killLoses, names.afterKill(), contents.afterKill());
            check(changes, powerLoses, names.afterPowerLoss(), contents.afterPowerLoss());
            check(changes, powerLoses, names.afterKill(), contents.afterPowerLoss());
            check(changes, powerLoses, names.afterPowerLoss(), contents.afterKill());
            for (int i = 0; i < RANDOM_VERSIONS; i++) {
                check(changes, powerLoses, names.afterPowerLoss(random), contents.afterPowerLoss(random));
            }
            if (order.get(changes) == namesDirectory) {
                namesDirectory.advance(names, namesChanges++);
            } else {
                contentsDirectory.advance(contents, contentsChanges++);
            }
        }
        System.out.println("crashes of content stores, " + durability + ": " + states + " states tried");
        assertThat(states).isGreaterThan(STATES_WANTED);
    }

    /** The background does not come to put on the device what the opening after a kill has found. */
    @ParameterizedTest
    @EnumSource(names = {"WRITTEN", "FORCED"})
    void nameThatGetsContentFoundAfterAKillKeepsItOrTheOneBefore(Durability durability) throws IOException {
        ContentStore killed = open(Durability.WRITTEN, namesDirectory, contentsDirectory);
        Digest before = killed.put("name0", TestStores.blob(40, 1));
        killed.force();
        Digest found = killed.put(TestStores.blob(40, 2));

        FaultyDirectory names = new FaultyDirectory(namesDirectory.deviceAfter(namesDirectory.changes()));
        FaultyDirectory contents = new FaultyDirectory(contentsDirectory.deviceAfter(contentsDirectory.changes()));
        ContentStore store = open(durability, names, contents, new CrashWorkload.Never());
        store.bind("name0", found);
        store.bind("name1", found);

        SimulatedDevice contentsLeft = contents.deviceAfter(contents.changes());
        SimulatedDevice namesLeft = names.deviceAfter(names.changes());
        assertThat(recover(
                        new FaultyDirectory(namesLeft.afterKill()), new FaultyDirectory(contentsLeft.afterPowerLoss())))
                .isEqualTo(Map.of("name0", found, "name1", found));
        Map<String, Digest> ofLeast = recover(
                new FaultyDirectory(namesLeft.afterPowerLoss()), new FaultyDirectory(contentsLeft.afterPowerLoss()));
        if (durability == Durability.FORCED) {
            assertThat(ofLeast).isEqualTo(Map.of("name0", found, "name1", found));
        } else {
            assertThat(ofLeast.get("name0")).isIn(before, found);
        }
    }

    /** An acknowledged name that is new needs no less. */
    @Test
    void newNameThatIsForcedKeepsContentFoundAfterAKill() throws IOException {
        ContentStore killed = open(Durability.WRITTEN, namesDirectory, contentsDirectory);
        Digest found = killed.put(TestStores.blob(40, 2));

        FaultyDirectory names = new FaultyDirectory(namesDirectory.deviceAfter(namesDirectory.changes()));
        FaultyDirectory contents = new FaultyDirectory(contentsDirectory.deviceAfter(contentsDirectory.changes()));
        open(Durability.FORCED, names, contents, new CrashWorkload.Never()).bind("name0", found);

        assertThat(recover(
                        new FaultyDirectory(names.deviceAfter(names.changes()).afterPowerLoss()),
                        new FaultyDirectory(
                                contents.deviceAfter(contents.changes()).afterPowerLoss())))
                .isEqualTo(Map.of("name0", found));
    }

    // ---- before the crash

    private void run(Durability durability) throws IOException {
        note(namesDirectory);
        note(contentsDirectory);
        SplittableRandom random = new SplittableRandom(5);
        Map<String, Digest> bound = new HashMap<>();
        done.add(new Done(0, true, Map.of()));
        ContentStore store = open(durability, namesDirectory, contentsDirectory);
        for (int i = 0; i < STEPS; i++) {
            boolean forced = take(store, bound, random);
            done.add(new Done(order.size(), forced, Map.copyOf(bound)));
        }
        // The process dies here at the latest.
    }

    private void note(FaultyDirectory directory) {
        directory.setFault((number, kind, bytes) -> {
            order.add(directory);
            return FaultyDirectory.Fault.CARRY_OUT;
        });
    }

    /** Whether it has forced everything. */
    private static boolean take(ContentStore store, Map<String, Digest> bound, SplittableRandom random)
            throws IOException {
        String name = "name" + random.nextInt(NAMES);
        // Some of them in files of their own.
        byte[] content = TestStores.blob(random.nextBoolean() ? 40 : 3000, random.nextInt(8));
        switch (random.nextInt(12)) {
            case 0 -> {
                store.force();
                return true;
            }
            case 1 -> {
                boolean complete = store.collect().complete();
                assertThat(complete).isTrue();
                return true;
            }
            case 2 -> {
                boolean wasBound = store.unbind(name);
                assertThat(wasBound).isEqualTo(bound.remove(name) != null);
            }
            case 3 -> {
                Digest digest = store.put(content);
                store.bind(name, digest);
                bound.put(name, digest);
            }
            case 4 -> store.compact();
            default -> bound.put(name, store.put(name, content));
        }
        return false;
    }

    private static ContentStore open(Durability durability, FaultyDirectory names, FaultyDirectory contents)
            throws IOException {
        return open(durability, names, contents, new CrashWorkload.Immediate());
    }

    private static ContentStore open(
            Durability durability, FaultyDirectory names, FaultyDirectory contents, Background background)
            throws IOException {
        BlobStore<String> ofNames = on(names, BlobStore.builder(KeyCodec.utf8()).durability(durability), background)
                .open(Path.of("names"));
        BlobStore<Digest> ofContents = on(
                        contents, BlobStore.builder(new DigestCodec()).durability(durability), background)
                .open(Path.of("contents"));
        ContentOptions options =
                new ContentOptions(Path.of("simulated"), 1 << 20, durability != Durability.FORCED, false, false, false);
        ContentStore store = new ContentStore(ofNames, ofContents, options);
        store.unbindMissing();
        return store;
    }

    private static <K> BlobStoreBuilder<K> on(
            FaultyDirectory directory, BlobStoreBuilder<K> builder, Background background) {
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> directory, HeapLocationIndexFactory.forgetting(), name -> background);
        StoreAccess.streamMemoryBytes(builder, 256);
        return StoreAccess.environment(
                StoreAccess.fileBytes(builder, 8192).bufferBytes(512).automaticCompaction(false), environment);
    }

    // ---- after it

    private void check(int changes, boolean unforcedIsLost, DiskImage names, DiskImage contents) throws IOException {
        FaultyDirectory namesLeft = new FaultyDirectory(names);
        FaultyDirectory contentsLeft = new FaultyDirectory(contents);
        Map<String, Digest> found = recover(namesLeft, contentsLeft);
        for (int i = 0; i < NAMES; i++) {
            String name = "name" + i;
            assertThat(allowed(name, changes, unforcedIsLost))
                    .as("what %s may be bound to after a crash at change %d", name, changes)
                    .contains(String.valueOf(found.get(name)));
        }
        // A second crash takes what the first opening had not forced.
        assertThat(recover(
                        new FaultyDirectory(
                                namesLeft.deviceAfter(namesLeft.changes()).afterPowerLoss()),
                        new FaultyDirectory(
                                contentsLeft.deviceAfter(contentsLeft.changes()).afterPowerLoss())))
                .isEqualTo(found);
    }

    private Map<String, Digest> recover(FaultyDirectory names, FaultyDirectory contents) throws IOException {
        states++;
        Map<String, Digest> found = new HashMap<>();
        ContentStore store = open(Durability.WRITTEN, names, contents);
        store.forEachName(found::put);
        for (Map.Entry<String, Digest> each : found.entrySet()) {
            assertThat(store.getVerified(each.getValue()))
                    .as("content of %s", each.getKey())
                    .isNotNull();
        }
        return found;
    }

    /** The digests that a name may be bound to, or "null", after a crash. */
    private Set<String> allowed(String name, int changes, boolean unforcedIsLost) {
        Set<String> allowed = new HashSet<>();
        for (Done step : done) {
            boolean acknowledged = step.changes <= changes;
            if (acknowledged && (step.forced || !unforcedIsLost)) {
                allowed.clear(); // What was before cannot come back.
            }
            allowed.add(String.valueOf(step.names.get(name)));
            if (!acknowledged) {
                break; // It may be done or not.
            }
        }
        return allowed;
    }
}
