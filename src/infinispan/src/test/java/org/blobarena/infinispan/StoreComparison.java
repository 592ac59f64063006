package org.blobarena.infinispan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.ToDoubleFunction;
import org.infinispan.AdvancedCache;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.context.Flag;
import org.infinispan.manager.DefaultCacheManager;

/**
 * Measures this store and Infinispan's soft-index file store by turns, both under a cache that keeps one entry in memory and
 * neither with forces: puts, overwrites of a half, gets in another order, a restart to the first get and the count, and the
 * disk. {@code tools/cluster compare} runs it.
 */
final class StoreComparison {

    private static final int ROUNDS = 3;
    private static final int BYTES_MIN = 1_000;
    private static final int BYTES_MAX = 200_000;

    private final int blobs;
    private final Path directory;
    private final byte[] content = new byte[BYTES_MAX * 2];

    private StoreComparison(int blobs, Path directory) {
        this.blobs = blobs;
        this.directory = directory;
        new Random(1).nextBytes(content);
    }

    /** One round of one store: times in seconds, and bytes. */
    private record Round(double put, double overwrite, double get, double restart, double bytes) {}

    public static void main(String[] args) throws IOException {
        int blobs = Integer.parseInt(args[0]);
        Path directory = args.length > 1
                ? Files.createDirectories(Path.of(args[1]))
                : Files.createTempDirectory("blobarena-comparison");
        new StoreComparison(blobs, directory).run();
    }

    private void run() throws IOException {
        List<Round> ours = new ArrayList<>();
        List<Round> theirs = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            Round our = round(StoreComparison::blobArena);
            Round their = round(StoreComparison::softIndex);
            if (round > 0) { // The first one warms up.
                ours.add(our);
                theirs.add(their);
            }
        }
        System.out.printf(Locale.ROOT, "%-34s %12s %12s %8s%n", blobs + " blobs", "BlobArena", "soft-index", "ratio");
        print("put, us", ours, theirs, round -> round.put * 1e6 / blobs);
        print("overwrite, us", ours, theirs, round -> round.overwrite * 2e6 / blobs);
        print("get, us", ours, theirs, round -> round.get * 1e6 / blobs);
        print("restart, first get and count, ms", ours, theirs, round -> round.restart * 1e3);
        print("disk at the end, MB", ours, theirs, round -> round.bytes / 1e6);
    }

    private static void print(String what, List<Round> ours, List<Round> theirs, ToDoubleFunction<Round> figure) {
        double our = median(ours, figure);
        double their = median(theirs, figure);
        System.out.printf(Locale.ROOT, "%-34s %12.1f %12.1f %8.2f%n", what, our, their, their / our);
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
        return rounds.stream().mapToDouble(figure).sorted().toArray()[rounds.size() / 2];
    }

    private static void blobArena(ConfigurationBuilder configuration, Path directory) {
        configuration
                .persistence()
                .addStore(BlobArenaStoreConfigurationBuilder.class)
                .path(directory);
    }

    private static void softIndex(ConfigurationBuilder configuration, Path directory) {
        configuration
                .persistence()
                .addSoftIndexFileStore()
                .dataLocation(directory.resolve("data").toString())
                .indexLocation(directory.resolve("index").toString());
    }

    private Round round(BiConsumer<ConfigurationBuilder, Path> store) throws IOException {
        Path files = Files.createDirectory(directory.resolve("round"));
        try {
            double put;
            double overwrite;
            double get;
            try (DefaultCacheManager manager = manager(store, files)) {
                put = seconds(() -> put(manager, blobs, 0));
                overwrite = seconds(() -> put(manager, blobs / 2, 1));
                get = seconds(() -> getAll(manager));
            }
            double restart = seconds(() -> {
                try (DefaultCacheManager manager = manager(store, files)) {
                    check(manager, 0);
                    if (cache(manager).size() != blobs) {
                        throw new AssertionError("entries are missing");
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            return new Round(put, overwrite, get, restart, bytes(files));
        } finally {
            StoreDirectory.deleteTree(files);
        }
    }

    private static DefaultCacheManager manager(BiConsumer<ConfigurationBuilder, Path> store, Path directory) {
        ConfigurationBuilder configuration = new ConfigurationBuilder();
        configuration.memory().maxCount(1);
        store.accept(configuration, directory);
        DefaultCacheManager manager = TestNode.manager();
        manager.defineConfiguration("blobs", configuration.build());
        return manager;
    }

    private static AdvancedCache<Integer, byte[]> cache(DefaultCacheManager manager) {
        return manager.<Integer, byte[]>getCache("blobs").getAdvancedCache();
    }

    private static double seconds(Runnable step) {
        long begun = System.nanoTime();
        step.run();
        return (System.nanoTime() - begun) / 1e9;
    }

    private void put(DefaultCacheManager manager, int count, int version) {
        AdvancedCache<Integer, byte[]> cache = cache(manager).withFlags(Flag.IGNORE_RETURN_VALUES);
        for (int number = 0; number < count; number++) {
            cache.put(number, value(number, version));
        }
    }

    private void getAll(DefaultCacheManager manager) {
        for (int i = 0; i < blobs; i++) {
            check(manager, (int) (i * 7919L % blobs));
        }
    }

    private void check(DefaultCacheManager manager, int number) {
        byte[] expected = value(number, number < blobs / 2 ? 1 : 0);
        if (!Arrays.equals(cache(manager).get(number), expected)) {
            throw new AssertionError("blob " + number + " is another");
        }
    }

    private byte[] value(int number, int version) {
        int from = Math.floorMod(number * 31 + version, BYTES_MAX);
        return Arrays.copyOfRange(content, from, from + BYTES_MIN + number * 97 % (BYTES_MAX - BYTES_MIN));
    }

    /** The blocks that the files have, which are few for a sparse one. */
    private static double bytes(Path directory) throws IOException {
        Process process = new ProcessBuilder("du", "-s", "--block-size=1", directory.toString()).start();
        String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return Long.parseLong(line.split("\t", -1)[0]);
    }
}
