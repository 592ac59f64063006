package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damages arena files of a small store in every way but by crafting, and repairs each. Shows invariants 3, 10 and 11
 * of store-format.md.
 */
class RepairCorruptionTest {

    /** Prime, so that all fields of records are met in turn. */
    private static final int FLIP_STEP = 13;

    private int trials;

    private static CorruptionSample sample(boolean clean) throws IOException {
        return clean ? CorruptionSample.closed() : CorruptionSample.crashed();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void flippedByteIsRepairedAndOnlyItsKeyIsLost(boolean clean) throws IOException {
        CorruptionSample sample = sample(clean);
        for (String name : sample.arenas()) {
            for (int at = 0; at < sample.files().get(name).length; at += FLIP_STEP) {
                Map<String, byte[]> files = sample.files();
                byte[] bytes = files.get(name).clone();
                bytes[at] ^= (byte) (1 << at % 8);
                files.put(name, bytes);
                RepairTrial trial = run(sample, files, name + " byte " + at);
                assertThat(trial.isRefused() || trial.isReported())
                        .as(name + " byte " + at)
                        .isTrue();
                if (clean && !trial.isRefused()) {
                    assertThat(trial.before().lost).isEmpty();
                    assertThat(trial.report().losses()).hasSameSizeAs(trial.before().corrupt);
                }
            }
        }
        assertThat(trials).isGreaterThan(500);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fileCutAtEveryLengthIsRepaired(boolean clean) throws IOException {
        CorruptionSample sample = sample(clean);
        String every = sample.arenas().get(2);
        for (String name : sample.arenas()) {
            byte[] whole = sample.files().get(name);
            for (int length = 0; length < whole.length; length += name.equals(every) || length < 100 ? 1 : 37) {
                Map<String, byte[]> files = sample.files();
                files.put(name, Arrays.copyOf(whole, length));
                RepairTrial trial = run(sample, files, name + " cut to " + length);
                assertThat(trial.isRefused()).isFalse();
                assertThat(!clean || trial.isReported()).isTrue();
                if (clean) {
                    assertThat(trial.before().lost).isEmpty();
                    assertThat(trial.report().losses()).hasSameSizeAs(trial.before().corrupt);
                }
            }
        }
        assertThat(trials).isGreaterThan(500);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void zeroedRangeIsRepaired(boolean clean) throws IOException {
        CorruptionSample sample = sample(clean);
        Random random = new Random(1);
        for (String name : sample.arenas()) {
            int length = sample.files().get(name).length;
            for (int i = 0; i < 60; i++) {
                int from = i < 4 ? 0 : random.nextInt(length);
                int to = i == 0 ? length : Math.min(length, from + 1 + random.nextInt(i < 4 ? 64 * i : 700));
                Map<String, byte[]> files = sample.files();
                byte[] bytes = files.get(name).clone();
                Arrays.fill(bytes, from, to, (byte) 0);
                files.put(name, bytes);
                RepairTrial trial = run(sample, files, name + " zeros from " + from + " to " + to);
                assertThat(trial.isRefused()).isFalse();
                assertThat(trial.isReported()
                                || Arrays.equals(bytes, sample.files().get(name)))
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void severalDamagedFilesAreRepairedTogether(boolean clean) throws IOException {
        CorruptionSample sample = sample(clean);
        Random random = new Random(2);
        for (int i = 0; i < 100; i++) {
            Map<String, byte[]> files = sample.files();
            for (String name : sample.arenas()) {
                byte[] bytes = files.get(name).clone();
                for (int flip = random.nextInt(4); flip > 0; flip--) {
                    bytes[64 + random.nextInt(bytes.length - 64)] ^= (byte) (1 + random.nextInt(255));
                }
                files.put(name, bytes);
            }
            run(sample, files, "damage " + i + " of several files");
        }
    }

    private RepairTrial run(CorruptionSample sample, Map<String, byte[]> files, String what) throws IOException {
        trials++;
        return new RepairTrial(sample, files, what).run();
    }
}
