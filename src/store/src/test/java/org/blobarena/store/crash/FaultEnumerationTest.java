package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.FaultSteps;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lets every step of a store fail in turn, once and for a while: each operation on its files, its directory and its index.
 * Whatever it was, the store works on or says that it has to be reopened; what was acknowledged is there, before and after
 * the close and after a kill; and what a close calls clean is whole. All steps with {@code -Dblobarena.exhaustive=true},
 * else a part of them.
 */
class FaultEnumerationTest {

    private static final Path PATH = Path.of("simulated");
    private static final int STRIDE = Boolean.getBoolean("blobarena.exhaustive") ? 1 : 29;
    private static final int[] LENGTHS = {1, 6};

    /** What a key may have, null when it may be absent. */
    private final Map<String, List<@Nullable String>> possible = new HashMap<>();

    /** The same after a kill. */
    private final Map<String, List<@Nullable String>> possibleAfterKill = new HashMap<>();

    private FaultSteps steps = new FaultSteps();
    private FaultyDirectory directory = new FaultyDirectory(new DiskImage(Map.of()));
    private Between background = new Between();
    private boolean writing;
    private boolean refused;
    private int version;

    @ParameterizedTest
    @EnumSource(FaultSteps.Fault.class)
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyStepThatFailsFailsOneOperationAndLosesNothing(FaultSteps.Fault fault) throws IOException {
        run(0, 0, fault);
        int count = steps.count();
        assertThat(steps.counts()).containsKeys("create", "openRead", "force", "delete", "rename", "file write");
        assertThat(steps.counts()).containsKeys("file force", "file read", "index put", "index removeIfEqual");
        int thrown = 0;
        for (int length : LENGTHS) {
            for (int first = fault.name().length(); first < count; first += STRIDE) {
                try {
                    run(first, length, fault);
                } catch (IOException | RuntimeException | Error e) {
                    throw new AssertionError(fault + " at step " + first + ", " + length + " times", e);
                }
                thrown += steps.thrown();
            }
        }
        assertThat(thrown).isPositive();
    }

    private void run(int first, int length, FaultSteps.Fault fault) throws IOException {
        possible.clear();
        possibleAfterKill.clear();
        steps = new FaultSteps();
        directory = new FaultyDirectory(new DiskImage(Map.of()));
        refused = false;
        version = 0;
        steps.failFrom(first, length, fault);
        BlobStore<String> store = openOrSay();
        work(store);
        steps.failNoMore();
        requirePossible(
                open(new FaultyDirectory(
                        directory.deviceAfter(directory.changes()).afterKill())),
                possibleAfterKill);
        put(store, "after", 10, Durability.WRITTEN);
        assertThat(refused || possible.get("after").size() == 1)
                .as("works on, or says what to do")
                .isTrue();
        Map<String, @Nullable String> before = requirePossible(store, possible);
        if (!refused) {
            store.compact();
            assertThat(store.verify().damage()).isEmpty();
            store.close();
        } else {
            closeOrFail(store);
        }
        BlobStore<String> reopened = open(directory);
        Map<String, @Nullable String> after = requirePossible(reopened, possible);
        if (!refused) {
            assertThat(after).isEqualTo(before);
        }
        assertThat(reopened.verify().damage()).isEmpty();
        put(reopened, "again", 10, Durability.FORCED);
        assertThat(reopened.get("again")).isNotNull();
        reopened.close();
    }

    /** Nothing is open after a failed opening, so the next one succeeds. */
    private BlobStore<String> openOrSay() throws IOException {
        try {
            return open(directory);
        } catch (IOException | RuntimeException | Error e) {
            steps.failNoMore();
            return open(directory);
        }
    }

    private BlobStore<String> open(FaultyDirectory opened) throws IOException {
        Between own = new Between();
        background = own;
        FaultyDirectory snapshot = new FaultyDirectory(new DiskImage(Map.of()));
        return StoreAccess.environment(
                        StoreAccess.streamMemoryBytes(
                                        BlobStore.builder(KeyCodec.utf8())
                                                .arenaBytesMax(64 * 1024)
                                                .bufferBytes(4096),
                                        1000)
                                .maxDeadShare(0.2)
                                .forceEvery(Duration.ofHours(1)),
                        new StoreEnvironment(
                                (path, create) -> steps.over(path.equals(PATH) ? opened : snapshot),
                                steps.indexes(),
                                name -> own))
                .open(PATH);
    }

    /** Runs tasks at once or, as one that waits for a writer's locks would, when that has ended. */
    private final class Between implements Background {

        private final List<Runnable> repeated = new ArrayList<>();
        private final Deque<Runnable> waiting = new ArrayDeque<>();

        @Override
        public void execute(Runnable task) {
            if (writing) {
                waiting.add(task);
            } else {
                task.run();
            }
        }

        @Override
        public Turns executeEvery(long pauseNanos, Runnable task) {
            repeated.add(task);
            return Turns.UNRESTING;
        }

        @Override
        public void stop() {
            waiting.clear();
            repeated.clear();
        }

        void runAll() {
            while (!waiting.isEmpty()) {
                waiting.remove().run();
            }
            List.copyOf(repeated).forEach(Runnable::run);
        }
    }

    private void work(BlobStore<String> store) {
        for (Durability durability : Durability.values()) {
            for (int i = 0; i < 6; i++) {
                put(store, "k" + i, 5000, durability);
            }
            put(store, "large" + durability, 20_000, durability);
            stream(store, "s" + durability, durability);
            remove(store, "k0", durability);
            putAll(store, durability);
            background.runAll();
        }
        background.runAll();
        attempt(store::compact);
        for (int i = 0; i < 6; i++) {
            put(store, "k" + i, 2000, Durability.BUFFERED);
        }
        attempt(() -> store.snapshot(Path.of("snapshot")));
        remove(store, "k1", Durability.WRITTEN);
        background.runAll();
        attempt(store::force);
    }

    @FunctionalInterface
    private interface Step {

        void run() throws IOException;
    }

    private boolean attempt(Step step) {
        try {
            step.run();
            return true;
        } catch (WritesRefusedException e) {
            refused = true;
            return false;
        } catch (IOException | RuntimeException | Error e) {
            refused |= e.getCause() instanceof WritesRefusedException;
            return false;
        }
    }

    private boolean write(Step step) {
        writing = true;
        try {
            return attempt(step);
        } finally {
            writing = false;
        }
    }

    private void put(BlobStore<String> store, String key, int length, Durability durability) {
        String value = value(length);
        note(
                key,
                value,
                durability,
                write(() -> store.withDurability(durability).put(key, value.getBytes(StandardCharsets.US_ASCII))));
    }

    private void stream(BlobStore<String> store, String key, Durability durability) {
        String value = value(9000);
        note(
                key,
                value,
                durability,
                write(() -> store.withDurability(durability)
                        .put(key, out -> out.write(value.getBytes(StandardCharsets.US_ASCII)))));
    }

    private void remove(BlobStore<String> store, String key, Durability durability) {
        note(key, null, durability, write(() -> store.withDurability(durability).remove(key)));
    }

    private void putAll(BlobStore<String> store, Durability durability) {
        Map<String, byte[]> batch = new LinkedHashMap<>();
        for (int i = 2; i < 9; i++) {
            batch.put("k" + i, value(3000).getBytes(StandardCharsets.US_ASCII));
        }
        boolean done = write(() -> store.withDurability(durability).putAll(batch));
        batch.forEach((key, value) -> note(key, new String(value, StandardCharsets.US_ASCII), durability, done));
    }

    private String value(int length) {
        char[] text = new char[length];
        Arrays.fill(text, 'x');
        String mark = Integer.toString(version++);
        mark.getChars(0, mark.length(), text, 0);
        return new String(text);
    }

    /** A write that has failed may have taken place, at once or later. */
    private void note(String key, @Nullable String value, Durability durability, boolean done) {
        note(possible, key, value, done);
        note(possibleAfterKill, key, value, done && durability != Durability.BUFFERED);
    }

    private static void note(
            Map<String, List<@Nullable String>> values, String key, @Nullable String value, boolean certain) {
        List<@Nullable String> known =
                values.computeIfAbsent(key, any -> new ArrayList<>(Arrays.asList((String) null)));
        if (certain) {
            known.clear();
        }
        known.add(value);
    }

    private Map<String, @Nullable String> requirePossible(
            BlobStore<String> store, Map<String, List<@Nullable String>> values) throws IOException {
        Map<String, @Nullable String> found = new HashMap<>();
        for (Map.Entry<String, List<@Nullable String>> entry : values.entrySet()) {
            byte[] blob = store.get(entry.getKey());
            String value = blob == null ? null : new String(blob, StandardCharsets.US_ASCII);
            found.put(entry.getKey(), value);
            assertThat(entry.getValue().stream().anyMatch(each -> Objects.equals(each, value)))
                    .as("%s has a possible value", entry.getKey())
                    .isTrue();
        }
        return found;
    }

    private static void closeOrFail(BlobStore<String> store) {
        try {
            store.close();
        } catch (IOException e) {
            assertThat(e).isInstanceOf(WritesRefusedException.class);
        }
    }
}
