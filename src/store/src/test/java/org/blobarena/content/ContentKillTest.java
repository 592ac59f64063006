package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills processes with SIGKILL while they bind names and collect. */
class ContentKillTest {

    private static final int ROUNDS = 5;
    private static final int STEPS_MAX = 300;

    @TempDir
    Path temporary;

    private final Map<String, Digest> expected = new HashMap<>();

    @Test
    void killedProcessLosesNoNameThatItAcknowledgedAndLeavesNoneWithoutContent() throws Exception {
        Path directory = temporary.resolve("store");
        SplittableRandom random = new SplittableRandom();
        for (int round = 0; round < ROUNDS; round++) {
            int[] acknowledged = runAndKill(directory, round, random.nextInt(1, STEPS_MAX));
            check(directory, round, acknowledged);
        }
    }

    @Test
    void killedProcessLeavesNothingOfATemporaryStoreOnceTheNextIsOpened() throws Exception {
        try (ChildJvm child =
                ChildJvm.start(ChildJvm.classPath(), List.of(), TemporaryContentProgram.class, temporary)) {
            child.awaitLine("open");
            child.kill();
        }
        assertThat(temporary).isNotEmptyDirectory();

        try (ContentStore store = ContentStore.builder().temporary(temporary)) {
            try (Stream<Path> present = Files.list(temporary)) {
                assertThat(present).hasSize(2); // Its own: the names and the contents.
            }
            store.put("a", new byte[10]);
        }
        assertThat(temporary).isEmptyDirectory();
    }

    /** The last step of each thread that is known to be done; -1 for none. */
    private static int[] runAndKill(Path directory, int round, int steps) throws Exception {
        int[] acknowledged = new int[KilledContentProgram.THREADS];
        Arrays.fill(acknowledged, -1);
        try (ChildJvm child = ChildJvm.start(
                ChildJvm.classPath(), List.of(), KilledContentProgram.class, directory, String.valueOf(round))) {
            child.awaitLine("open");
            for (int i = 0; i < steps; i++) {
                String line = child.readLine();
                assertThat(line).as("step %d of round %d", i, round).isNotNull();
                acknowledge(acknowledged, line);
            }
            child.kill();
            for (String line = child.readLine(); line != null; line = child.readLine()) {
                acknowledge(acknowledged, line); // It was in the pipe still.
            }
        }
        return acknowledged;
    }

    private static void acknowledge(int[] acknowledged, String line) {
        int blank = line.indexOf(' ');
        acknowledged[Integer.parseInt(line.substring(0, blank))] = Integer.parseInt(line.substring(blank + 1));
    }

    private void check(Path directory, int round, int[] acknowledged) throws IOException {
        Map<String, Digest> unacknowledged = new HashMap<>();
        for (int thread = 0; thread < acknowledged.length; thread++) {
            for (int step = 0; step <= acknowledged[thread]; step++) {
                expected.put(
                        KilledContentProgram.name(round, thread, step),
                        Digest.of(KilledContentProgram.content(round, thread, step)));
            }
            int next = acknowledged[thread] + 1;
            unacknowledged.put(
                    KilledContentProgram.name(round, thread, next),
                    Digest.of(KilledContentProgram.content(round, thread, next)));
        }
        try (ContentStore store = ContentStore.open(directory)) {
            for (Map.Entry<String, Digest> each : expected.entrySet()) {
                Digest found = store.resolve(each.getKey());
                if (!each.getValue().equals(found)) {
                    assertThat(found)
                            .as("name %s", each.getKey())
                            .isNotNull()
                            .isEqualTo(unacknowledged.get(each.getKey()));
                    each.setValue(found);
                }
            }
            store.forEachName((name, digest) -> {
                try {
                    assertThat(store.getVerified(digest)).as(name).isNotNull();
                } catch (IOException e) {
                    throw new AssertionError(name, e);
                }
            });
        }
    }
}
