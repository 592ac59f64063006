package org.blobarena.store.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.io.FileUtils;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.ReadOnlyBlobStore;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a store, or reads it while another process writes. What may be read stands in {@link SharedVersions}. Either may be
 * killed at any moment and begun again.
 *
 * <p>A reader never sees an older version of a key than it has seen, or than was acknowledged before its refresh began; nor a
 * newer one than was begun when it ended; nor a blob that has expired. It holds a stream over each refresh, and verifies the
 * store now and then. The writer looks at snapshots of its own in the same way.
 */
final class ReaderProgram {

    private static final int WRITERS = 2;
    private static final int ARENA_BYTES = 256 * 1024;
    private static final int STREAMED_ONE_IN = 50;
    private static final int SNAPSHOT_ONE_IN = 300;
    private static final int VERIFY_ONE_IN = 50;
    private static final long LIFETIME_MILLIS = 200;
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Path directory;
    private final Duration duration;
    private final SharedVersions versions;
    private long endNanos;
    private long nextReport;

    private ReaderProgram(Path directory, Duration duration) throws IOException {
        this.directory = directory;
        this.duration = duration;
        this.versions = new SharedVersions(directory.resolveSibling("versions"));
    }

    /**
     * Arguments: the store, {@code write} or {@code read}, milliseconds from the opening on, a seed. Prints figures, of all that
     * was done so far, now and then and at the end; or {@code failed}.
     */
    public static void main(String[] arguments) {
        try {
            ReaderProgram program =
                    new ReaderProgram(Path.of(arguments[0]), Duration.ofMillis(Long.parseLong(arguments[2])));
            long seed = Long.parseLong(arguments[3]);
            System.out.println(arguments[1].equals("write") ? program.write(seed) : program.read(seed));
        } catch (Throwable e) {
            e.printStackTrace();
            System.out.println("failed");
            System.exit(1);
        }
    }

    /** The store is open: from here on the time counts, however slow the machine is. */
    private void begin() {
        nextReport = System.nanoTime();
        endNanos = nextReport + duration.toNanos();
        System.out.println("open");
    }

    private boolean isOver() {
        return System.nanoTime() - endNanos >= 0;
    }

    private boolean isTimeToReport() {
        boolean due = System.nanoTime() - nextReport >= 0;
        if (due) {
            nextReport += REPORT_NANOS;
        }
        return due;
    }

    // ---- writing

    /** The options of the store that is written. */
    static BlobStoreBuilder<Long> builder() {
        return BlobStore.builder(KeyCodec.longs())
                .arenaBytesMax(ARENA_BYTES)
                .bufferBytes(8192)
                .maxDeadShare(0.10);
    }

    private String write(long seed) throws Exception {
        AtomicLong writes = new AtomicLong();
        AtomicLong snapshots = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try (BlobStore<Long> store = builder().open(directory)) {
            begin();
            Future<?>[] writers = new Future<?>[WRITERS];
            for (int i = 0; i < WRITERS; i++) {
                int lane = i;
                writers[i] = threads.submit(() -> {
                    writeLane(store, lane, new SplittableRandom(seed + lane), writes, snapshots);
                    return null;
                });
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            return writeFigures(store, writes, snapshots);
        } finally {
            threads.shutdownNow();
        }
    }

    private static String writeFigures(BlobStore<Long> store, AtomicLong writes, AtomicLong snapshots) {
        return "compactions " + store.stats().compaction().rounds() + " writes " + writes + " snapshots " + snapshots;
    }

    private void writeLane(
            BlobStore<Long> store, int lane, SplittableRandom random, AtomicLong writes, AtomicLong snapshots)
            throws IOException {
        while (!isOver()) {
            int key = random.nextInt(SharedVersions.KEYS / WRITERS) * WRITERS + lane;
            long version = versions.begun(key) + 1;
            writeOne(store, key, version, random.nextInt(STREAMED_ONE_IN) == 0);
            versions.setAcknowledged(key, version);
            writes.incrementAndGet();
            if (lane == 0) {
                if (random.nextInt(SNAPSHOT_ONE_IN) == 0) {
                    checkSnapshot(store, random);
                    snapshots.incrementAndGet();
                }
                if (isTimeToReport()) {
                    System.out.println(writeFigures(store, writes, snapshots));
                }
            }
        }
    }

    private void writeOne(BlobStore<Long> store, int key, long version, boolean streamed) throws IOException {
        if (SharedVersions.isRemoval(version)) {
            versions.begin(key, version, Long.MAX_VALUE);
            store.remove((long) key);
            return;
        }
        byte[] blob = SharedVersions.blob(key, version);
        if (SharedVersions.isExpiring(version)) {
            long moment = System.currentTimeMillis() + LIFETIME_MILLIS;
            versions.begin(key, version, moment);
            store.put((long) key, blob, Expiry.at(Instant.ofEpochMilli(moment)));
        } else {
            versions.begin(key, version, Long.MAX_VALUE);
            if (streamed) {
                store.put((long) key, out -> out.write(blob));
            } else {
                store.put((long) key, blob);
            }
        }
    }

    /** Makes a snapshot, or brings the last one up to now: it holds something that was so while it was made. */
    private void checkSnapshot(BlobStore<Long> store, SplittableRandom random) throws IOException {
        boolean update = random.nextBoolean();
        Path target = directory.resolveSibling(update ? "latest" : "snapshot");
        if (!update) {
            FileUtils.deleteDirectory(target.toFile()); // Of a process that was killed.
        }
        long[] before = versions.acknowledged();
        if (update) {
            store.updateSnapshot(target, Pace.unlimited());
        } else {
            store.snapshot(target);
        }
        SharedVersions.Begun after = versions.begun();
        try (ReadOnlyBlobStore<Long> snapshot = BlobStore.openReadOnly(target, KeyCodec.longs())) {
            readAll(snapshot, before, after, random);
            requireNoDamage(snapshot);
        }
        if (!update) {
            FileUtils.deleteDirectory(target.toFile());
        }
    }

    // ---- reading

    private String read(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        long refreshes = 0;
        long reads = 0;
        long verifications = 0;
        long[] least = versions.acknowledged();
        try (ReadOnlyBlobStore<Long> reader = BlobStore.openReadOnly(directory, KeyCodec.longs())) {
            begin();
            while (true) {
                SharedVersions.Begun begun = versions.begun();
                refreshes++;
                reads += readAll(reader, least, begun, random);
                if (random.nextInt(VERIFY_ONE_IN) == 0) {
                    requireNoDamage(reader);
                    verifications++;
                }
                String figures = "refreshes " + refreshes + " reads " + reads + " verifications " + verifications;
                if (isOver()) {
                    return figures;
                }
                if (isTimeToReport()) {
                    System.out.println(figures);
                }
                raise(least, versions.acknowledged());
                refreshUnderStream(reader, random.nextInt(SharedVersions.KEYS));
            }
        }
    }

    private static void raise(long[] least, long[] acknowledged) {
        Arrays.setAll(least, key -> Math.max(least[key], acknowledged[key]));
    }

    /** What a stream gives was so when it was opened, though the rest of it is read when its file may have been deleted. */
    private static void refreshUnderStream(ReadOnlyBlobStore<Long> reader, int key) throws IOException {
        try (BlobInputStream in = reader.openStream((long) key)) {
            if (in == null) {
                reader.refresh();
                return;
            }
            byte[] start = in.readNBytes(SharedVersions.BLOB_HEADER_BYTES);
            reader.refresh();
            byte[] rest = in.readAllBytes();
            byte[] whole = ByteBuffer.allocate(start.length + rest.length)
                    .put(start)
                    .put(rest)
                    .array();
            SharedVersions.requireVersion(key, whole);
        }
    }

    private static void requireNoDamage(ReadOnlyBlobStore<Long> reader) throws IOException {
        if (!reader.verify().damage().isEmpty()) {
            throw new AssertionError("damaged: " + reader.verify().damage());
        }
    }

    /** Reads every key twice, and notes in {@code least} what may not be older the next time. */
    private static int readAll(
            ReadOnlyBlobStore<Long> reader, long[] least, SharedVersions.Begun begun, SplittableRandom random)
            throws IOException {
        long[] found = new long[SharedVersions.KEYS];
        for (int key = 0; key < found.length; key++) {
            long now = System.currentTimeMillis();
            byte[] blob = random.nextInt(10) == 0 ? streamed(reader, key) : reader.get((long) key);
            found[key] = blob == null ? 0 : SharedVersions.requireVersion(key, blob);
            least[key] = begun.requireAllowed(key, found[key], least[key], now);
        }
        long[] visited = new long[SharedVersions.KEYS];
        reader.forEach(
                (key, blob) -> visited[(int) (long) key] = SharedVersions.requireVersion((int) (long) key, blob));
        for (int key = 0; key < found.length; key++) {
            boolean expired = visited[key] == 0 && begun.isExpired(key, found[key], System.currentTimeMillis());
            if (visited[key] != found[key] && !expired) {
                throw new AssertionError("key " + key + " has version " + found[key] + ", and version " + visited[key]
                        + " in an iteration at the same moment");
            }
        }
        return 2 * found.length;
    }

    private static byte @Nullable [] streamed(ReadOnlyBlobStore<Long> reader, long key) throws IOException {
        try (BlobInputStream in = reader.openStream(key)) {
            return in == null ? null : in.readAllBytes();
        }
    }

    /** Opens the store for writing when no other process is there, and compares all of it with what was acknowledged. */
    static void requireWhole(Path directory) throws IOException {
        SharedVersions versions = new SharedVersions(directory.resolveSibling("versions"));
        try (BlobStore<Long> store = builder().open(directory);
                ReadOnlyBlobStore<Long> reader = BlobStore.openReadOnly(directory, KeyCodec.longs())) {
            if (!store.stats().opening().damage().isEmpty()
                    || !store.verify().damage().isEmpty()) {
                throw new AssertionError("damaged: " + store.stats().opening() + " " + store.verify());
            }
            readAll(reader, versions.acknowledged(), versions.begun(), new SplittableRandom(1));
        }
    }
}
