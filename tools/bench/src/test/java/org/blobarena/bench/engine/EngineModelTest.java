package org.blobarena.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is compared does the same: every engine against a {@code HashMap}, over openings. */
class EngineModelTest {

    private static final int KEYS = 50;
    private static final int STEPS = 400;
    private static final int OPENINGS = 3;

    @TempDir
    private Path directory;

    static List<Engines> engines() {
        return Engines.available();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void everyEngineDoesWhatAMapDoes(Engines engine) throws IOException {
        check(engine, 100);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void everyEngineTakesLargeBlobs(Engines engine) throws IOException {
        check(engine, 1 << 18);
    }

    private void check(Engines type, int blobBytes) throws IOException {
        Scale scale = new Scale(KEYS, blobBytes);
        SplittableRandom random = new SplittableRandom(5);
        Map<Integer, byte[]> model = new HashMap<>();
        for (int opening = 0; opening < OPENINGS; opening++) {
            try (Engine engine = type.open(directory.resolve(type.label()), scale)) {
                compare(engine, model);
                for (int step = 0; step < STEPS; step++) {
                    step(engine, model, random, blobBytes);
                }
                compare(engine, model);
            }
        }
    }

    private static void step(Engine engine, Map<Integer, byte[]> model, SplittableRandom random, int blobBytes)
            throws IOException {
        int number = random.nextInt(KEYS);
        if (random.nextInt(3) == 0) {
            engine.delete(key(number));
            model.remove(number);
        } else {
            byte[] blob = new byte[blobBytes];
            random.nextBytes(blob);
            ByteBuffer.wrap(blob).putLong(number); // The raw engine finds its blobs by it.
            engine.put(key(number), blob);
            model.put(number, blob.clone());
            random.nextBytes(blob); // It is the caller's again.
        }
        assertThat(engine.get(key(number))).isEqualTo(model.get(number));
    }

    private static void compare(Engine engine, Map<Integer, byte[]> model) throws IOException {
        for (int number = 0; number < 2 * KEYS; number++) {
            assertThat(engine.get(key(number))).as("key %d", number).isEqualTo(model.get(number));
            assertThat(engine.contains(key(number))).as("key %d", number).isEqualTo(model.containsKey(number));
        }
    }

    private static byte[] key(int number) {
        return ByteBuffer.allocate(Scale.KEY_BYTES)
                .putLong(number * 0x9e3779b97f4a7c15L)
                .putLong(Scale.KEY_BYTES - Long.BYTES, number)
                .array();
    }
}
