package org.blobarena.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.content.SeenSet;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;

/** Adds addresses to a set one by one and in batches, and once more when they are present, next to a store of the same. */
public final class SeenKeys {

    private static final int BATCH_KEYS = 1000;

    private SeenKeys() {}

    /**
     * Runs it.
     *
     * @param arguments a directory with room, the number of keys, the number of rounds, the first of which warms up
     */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "blobarena-seen-");
        int count = Integer.parseInt(arguments[1]);
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add("https://www.example.org/articles/" + (i * 0x9E3779B97F4A7C15L) + "/page.html");
        }
        try {
            for (int round = 0; round <= Integer.parseInt(arguments[2]); round++) {
                run(directory.resolve("round" + round), keys);
                ColdBatch.delete(directory.resolve("round" + round));
            }
        } finally {
            ColdBatch.delete(directory);
        }
    }

    private static void run(Path directory, List<String> keys) throws IOException {
        Files.createDirectories(directory);
        int half = keys.size() / 2;
        try (SeenSet<String> seen = SeenSet.open(directory.resolve("seen"), KeyCodec.utf8());
                BlobStore<String> store = BlobStore.open(directory.resolve("store"), KeyCodec.utf8())) {
            double single = micros(half, () -> {
                for (String key : keys.subList(0, half)) {
                    require(seen.add(key));
                }
            });
            double batch = micros(half, () -> {
                for (int i = half; i < keys.size(); i += BATCH_KEYS) {
                    List<String> batchOfKeys = keys.subList(i, Math.min(keys.size(), i + BATCH_KEYS));
                    require(seen.addAll(batchOfKeys).cardinality() == batchOfKeys.size());
                }
            });
            double present = micros(keys.size(), () -> {
                for (String key : keys) {
                    require(!seen.add(key));
                }
            });
            for (String key : keys) {
                store.put(key, new byte[0]);
            }
            double contains = micros(keys.size(), () -> {
                for (String key : keys) {
                    require(store.contains(key));
                }
            });
            System.out.printf(
                    "microseconds: add new %.2f, add new in batches %.2f, add present %.2f, contains of a store %.2f%n",
                    single, batch, present, contains);
        }
    }

    private static void require(boolean expected) {
        if (!expected) {
            throw new IllegalStateException("a key is not what it has to be");
        }
    }

    @FunctionalInterface
    private interface Work {

        void run() throws IOException;
    }

    private static double micros(int operations, Work work) throws IOException {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e3 / operations;
    }
}
