package org.blobarena.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;

/**
 * Random keys of a store that is on the device and not in the page cache: one get after the other against {@code
 * getAll}, in turns, each round with keys that no round before it has read.
 *
 * <p>Before every measurement the cache is dropped, as root for the whole system, else file by file as {@code dd}
 * can ask for; a get then has to wait for the device. Where neither works the figures are those of a warm cache, and
 * the program says so.
 */
public final class ColdBatch {

    private static final int BLOB_BYTES = 4096;
    private static final int PUT_KEYS = 10_000;

    private ColdBatch() {}

    /**
     * Runs it.
     *
     * @param arguments a directory to make the store in, its size in MiB, the number of keys of a batch, rounds
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments[0]).resolve("blobarena-cold-batch");
        int blobs = (int) (Long.parseLong(arguments[1]) * (1 << 20) / BLOB_BYTES);
        int keys = Integer.parseInt(arguments[2]);
        int rounds = Integer.parseInt(arguments[3]);
        try (BlobStore<Long> store = BlobStore.open(directory, KeyCodec.longs())) {
            fill(store, blobs);
            SplittableRandom random = new SplittableRandom(7);
            for (int round = 0; round < rounds; round++) {
                double single = single(store, directory, randomKeys(random, blobs, keys));
                double batch = batch(store, directory, randomKeys(random, blobs, keys));
                System.out.printf(
                        "round %d: single gets %.0f keys/s, getAll %.0f keys/s, ratio %.2f%n",
                        round, single, batch, batch / single);
            }
        } finally {
            delete(directory);
        }
    }

    private static void fill(BlobStore<Long> store, int blobs) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        Map<Long, byte[]> batch = new HashMap<>();
        for (long key = 0; key < blobs; key++) {
            byte[] blob = new byte[BLOB_BYTES];
            random.nextBytes(blob);
            batch.put(key, blob);
            if (batch.size() == PUT_KEYS || key == blobs - 1) {
                store.withDurability(Durability.WRITTEN).putAll(batch);
                batch.clear();
            }
        }
        store.force();
    }

    private static List<Long> randomKeys(SplittableRandom random, int blobs, int count) {
        List<Long> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add((long) random.nextInt(blobs));
        }
        return keys;
    }

    private static double single(BlobStore<Long> store, Path directory, List<Long> keys)
            throws IOException, InterruptedException {
        dropCache(directory);
        long bytes = 0;
        long start = System.nanoTime();
        for (Long key : keys) {
            bytes += store.get(key).length;
        }
        return keysPerSecond(keys, bytes, start);
    }

    private static double batch(BlobStore<Long> store, Path directory, List<Long> keys)
            throws IOException, InterruptedException {
        dropCache(directory);
        long[] bytes = new long[1];
        long start = System.nanoTime();
        store.getAll(keys, (key, blob) -> bytes[0] += blob.length);
        return keysPerSecond(keys, bytes[0], start);
    }

    private static double keysPerSecond(List<Long> keys, long bytes, long start) {
        double seconds = (System.nanoTime() - start) / 1e9;
        if (bytes != (long) keys.size() * BLOB_BYTES) {
            throw new AssertionError(bytes + " bytes read");
        }
        return keys.size() / seconds;
    }

    private static void dropCache(Path directory) throws IOException, InterruptedException {
        if (run("sh", "-c", "sync && echo 3 > /proc/sys/vm/drop_caches")) {
            return;
        }
        boolean dropped = true;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".arena")).toList()) {
                dropped &= run("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none");
            }
        }
        if (!dropped) {
            System.out.println("the cache could not be dropped: what follows is of a warm cache");
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // There is no such program.
        }
    }

    static void delete(Path directory) throws IOException {
        List<Path> paths;
        try (Stream<Path> all = Files.walk(directory)) {
            paths = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }
}
