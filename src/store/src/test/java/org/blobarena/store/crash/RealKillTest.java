package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills processes with SIGKILL while they write. Another seed: {@code -Dblobarena.seed=...}. Shows invariant 4 of
 * store-format.md.
 */
class RealKillTest {

    private static final int STORES = 2;
    private static final int ROUNDS_PER_STORE = 52;

    /** For a round on each of the stores, which takes about a second. */
    private static final long TIMEOUT_SECONDS = 120;

    @TempDir
    Path temporary;

    @Test
    void killedProcessLosesNothingThatItAcknowledged() throws Exception {
        long seed = Long.getLong("blobarena.seed", RandomGenerator.getDefault().nextLong());
        System.out.println("RealKillTest: -Dblobarena.seed=" + seed);
        KillProgramImage image = new KillProgramImage(temporary);
        KillRounds.Figures figures = new KillRounds.Figures();
        List<Callable<Void>> lanes = Stream.iterate(0, i -> i + 1)
                .limit(STORES)
                .map(i -> lane(new KillRounds(temporary, image, seed + i, figures)))
                .toList();
        ExecutorService executor = Executors.newFixedThreadPool(STORES);
        try {
            for (int i = 0; i < ROUNDS_PER_STORE; i++) {
                for (Future<Void> round : executor.invokeAll(lanes, TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                    round.get(); // Cancelled if it has not ended in time.
                }
            }
        } finally {
            executor.shutdownNow();
        }
        System.out.println("RealKillTest: " + figures);
        assertThat(figures.rounds).hasValue(STORES * ROUNDS_PER_STORE);
        assertThat(figures.steps).hasPositiveValue();
        assertThat(figures.expired).hasPositiveValue();
        assertThat(figures.compactedFiles).hasPositiveValue();
    }

    private static Callable<Void> lane(KillRounds rounds) {
        return () -> {
            rounds.run();
            return null;
        };
    }
}
