package org.blobarena.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.index.chronicle.ChronicleLocationIndexFactory;
import org.blobarena.index.table.TableIndexFactory;

/**
 * The two indexes and a bare Chronicle Map of the same sizes in turns: filled from nothing (but the bare map, which has room for
 * all from the start), then asked for keys that they have and for keys that they do not have, closed and opened again.
 *
 * <p>Arguments: a directory with room, keys, rounds.
 */
public final class IndexBenchmark {

    private static final int LOOKUPS = 4_000_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private IndexBenchmark() {}

    /** What is measured. */
    private interface Side extends AutoCloseable {
        void put(long high, long low, long number) throws IOException;

        boolean find(long high, long low);

        long fileBytes();

        /** Returns the nanoseconds of opening again, or 0. */
        long reopen(long keys) throws IOException;

        @Override
        void close();
    }

    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(args[0]), "index-benchmark");
        int keys = Integer.parseInt(args[1]);
        String unavailable = new ChronicleLocationIndexFactory().unavailable();
        if (unavailable != null) {
            throw new IllegalStateException(unavailable);
        }
        Map<String, Supplier<Side>> sides = new LinkedHashMap<>();
        sides.put("table", () -> new Index(new TableIndexFactory(), directory));
        sides.put("chronicle", () -> new Index(new ChronicleLocationIndexFactory(), directory));
        sides.put("bare", () -> new Bare(directory, keys));
        if (args.length > 3) {
            sides.keySet().retainAll(Arrays.asList(args[3].split(",")));
        }
        for (int round = 0; round < Integer.parseInt(args[2]); round++) {
            for (Map.Entry<String, Supplier<Side>> side : sides.entrySet()) {
                System.out.printf(Locale.ROOT, "%d %-9s %s%n", round, side.getKey(), measure(side.getValue(), keys));
                try (Stream<Path> files = Files.list(directory)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                System.gc(); // What the table has mapped goes with its garbage.
            }
        }
        Files.delete(directory);
    }

    private static String measure(Supplier<Side> maker, int keys) throws IOException {
        try (Side side = maker.get()) {
            StringBuilder result = new StringBuilder();
            fill(side, keys, result);
            result.append(String.format(Locale.ROOT, "; hit %.0f ns", find(side, keys, true)));
            result.append(String.format(Locale.ROOT, ", absent %.0f ns", find(side, keys, false)));
            result.append(String.format(Locale.ROOT, "; open %.1f ms", side.reopen(keys) / 1e6));
            result.append(String.format(Locale.ROOT, ", first hits %.0f ns", find(side, keys, true)));
            return result.toString();
        }
    }

    private static void fill(Side side, int keys, StringBuilder result) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        long start = System.nanoTime();
        long before = start;
        long longest = 0;
        long second = start;
        int inSecond = 0;
        int fewest = Integer.MAX_VALUE;
        double bytesPerKey = 0;
        int samples = 0;
        for (int number = 0; number < keys; number++) {
            side.put(random.nextLong(), random.nextLong(), number);
            long now = System.nanoTime();
            longest = Math.max(longest, now - before);
            before = now;
            inSecond++;
            if (now - second >= 1_000_000_000L) {
                fewest = Math.min(fewest, (int) (inSecond * NANOS_PER_SECOND / (now - second)));
                second = now;
                inSecond = 0;
            }
            if (number >= 100_000 && number % 10_000 == 0) {
                bytesPerKey += (double) side.fileBytes() / number;
                samples++;
            }
        }
        double perSecond = keys * NANOS_PER_SECOND / (System.nanoTime() - start);
        result.append(String.format(
                Locale.ROOT,
                "put %.0f ns, longest %.1f ms, slowest second / mean %.2f; bytes per key %.1f, on average %.1f",
                NANOS_PER_SECOND / perSecond,
                longest / 1e6,
                fewest == Integer.MAX_VALUE ? 1 : fewest / perSecond,
                (double) side.fileBytes() / keys,
                bytesPerKey / samples));
    }

    private static double find(Side side, int keys, boolean present) {
        // The keys of the fill are a sequence of its own for each of them, so that they are asked for out of order.
        long[] hashes = new long[2 * LOOKUPS];
        SplittableRandom choice = new SplittableRandom(2);
        SplittableRandom fill = new SplittableRandom(1);
        double share = (double) LOOKUPS / keys;
        int count = 0;
        for (int number = 0; number < keys && count < LOOKUPS; number++) {
            long high = fill.nextLong();
            long low = fill.nextLong();
            if (share >= 1 || choice.nextDouble() < share) {
                hashes[2 * count] = present ? high : choice.nextLong();
                hashes[2 * count + 1] = low;
                count++;
            }
        }
        shuffle(hashes, count, choice);
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (side.find(hashes[2 * i], hashes[2 * i + 1]) != present) {
                throw new IllegalStateException("a wrong answer for key " + i);
            }
        }
        return (double) (System.nanoTime() - start) / count;
    }

    private static void shuffle(long[] hashes, int count, SplittableRandom random) {
        for (int i = count - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            for (int half = 0; half < 2; half++) {
                long kept = hashes[2 * i + half];
                hashes[2 * i + half] = hashes[2 * other + half];
                hashes[2 * other + half] = kept;
            }
        }
    }

    /** One of the store's indexes. */
    private static final class Index implements Side {

        private final IndexProbe probe = new IndexProbe();
        private final LocationIndexFactory factory;
        private final Path directory;
        private LocationIndex index;

        Index(LocationIndexFactory factory, Path directory) {
            this.factory = factory;
            this.directory = directory;
            try {
                index = factory.create(directory, 0);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void put(long high, long low, long number) throws IOException {
            index.put(new KeyHash(high, low), new Location(1, number, 100));
        }

        @Override
        public boolean find(long high, long low) {
            probe.set(high, low);
            return index.find(probe);
        }

        @Override
        public long fileBytes() {
            return index.fileBytes();
        }

        @Override
        public long reopen(long keys) throws IOException {
            String name = index.closeForReopening();
            long start = System.nanoTime();
            index = factory.open(directory, name, keys);
            return System.nanoTime() - start;
        }

        @Override
        public void close() {
            index.close();
        }
    }

    /** A map as somebody would make it who has nothing but Chronicle Map. */
    private static final class Bare implements Side {

        private final byte[] key = new byte[16];
        private final byte[] value = new byte[12];
        private final Path file;
        private final ChronicleMap<byte[], byte[]> map;

        Bare(Path directory, int keys) {
            try {
                file = directory.resolve("bare");
                map = ChronicleMapBuilder.of(byte[].class, byte[].class)
                        .constantKeySizeBySample(key)
                        .constantValueSizeBySample(value)
                        .entries(keys)
                        .createPersistedTo(file.toFile());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void put(long high, long low, long number) {
            set(high, low);
            for (int i = 0; i < 8; i++) {
                value[i] = (byte) (number >>> (8 * i));
            }
            map.put(key, value);
        }

        @Override
        public boolean find(long high, long low) {
            set(high, low);
            return map.getUsing(key, value) != null;
        }

        private void set(long high, long low) {
            for (int i = 0; i < 8; i++) {
                key[i] = (byte) (high >>> (8 * i));
                key[8 + i] = (byte) (low >>> (8 * i));
            }
        }

        @Override
        public long fileBytes() {
            return file.toFile().length();
        }

        @Override
        public long reopen(long keys) {
            return 0;
        }

        @Override
        public void close() {
            map.close();
        }
    }
}
