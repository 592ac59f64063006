package org.blobarena.store.crash;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.ReadOnlyBlobStore;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a store, or reads it while another process writes. What may be read stands in a file that all of them map: of each
 * key the version whose write was begun last, and the one that was acknowledged last. Some versions are removals.
 */
final class ReaderProgram {

    private static final int KEYS = 400;
    private static final int WRITERS = 2;
    private static final int REMOVAL_ONE_IN = 5;
    private static final int ARENA_BYTES = 256 * 1024;
    private static final int STREAMED_ONE_IN = 50;

    private final Path directory;
    private final long endNanos;
    private final MappedByteBuffer versions;

    private ReaderProgram(Path directory, Duration duration) throws IOException {
        this.directory = directory;
        this.endNanos = System.nanoTime() + duration.toNanos();
        Path shared = directory.resolveSibling("versions");
        try (FileChannel channel = FileChannel.open(
                shared, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            versions = channel.map(FileChannel.MapMode.READ_WRITE, 0, 2L * KEYS * Long.BYTES);
        }
    }

    /** Arguments: the store, {@code write} or {@code read}, milliseconds, a seed. Prints figures at the end. */
    public static void main(String[] arguments) throws Exception {
        ReaderProgram program =
                new ReaderProgram(Path.of(arguments[0]), Duration.ofMillis(Long.parseLong(arguments[2])));
        long seed = Long.parseLong(arguments[3]);
        System.out.println(arguments[1].equals("write") ? program.write(seed) : program.read(seed));
    }

    private boolean isOver() {
        return System.nanoTime() - endNanos >= 0;
    }

    // ---- writing

    private String write(long seed) throws Exception {
        BlobStoreBuilder<Long> builder = BlobStore.builder(KeyCodec.longs())
                .arenaBytesMax(ARENA_BYTES)
                .bufferBytes(8192)
                .maxDeadShare(0.10);
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try (BlobStore<Long> store = builder.open(directory)) {
            System.out.println("open");
            Future<?>[] writers = new Future<?>[WRITERS];
            for (int i = 0; i < WRITERS; i++) {
                int lane = i;
                writers[i] = threads.submit(() -> {
                    writeLane(store, lane, new SplittableRandom(seed + lane));
                    return null;
                });
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            return "compactions " + store.stats().compaction().rounds();
        } finally {
            threads.shutdownNow();
        }
    }

    private void writeLane(BlobStore<Long> store, int lane, SplittableRandom random) throws IOException {
        while (!isOver()) {
            int key = random.nextInt(KEYS / WRITERS) * WRITERS + lane;
            long version = begun(key) + 1;
            setBegun(key, version);
            if (version % REMOVAL_ONE_IN == 0) {
                store.remove((long) key);
            } else if (random.nextInt(STREAMED_ONE_IN) == 0) {
                store.put((long) key, out -> out.write(blob(key, version)));
            } else {
                store.put((long) key, blob(key, version));
            }
            setAcknowledged(key, version);
        }
    }

    private static byte[] blob(int key, long version) {
        byte[] blob = TestStores.blob(16 + (int) ((version * 31 + key * 7L) % 3000), version * KEYS + key);
        ByteBuffer.wrap(blob).putLong(key).putLong(version);
        return blob;
    }

    // ---- reading

    private String read(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        long refreshes = 0;
        long reads = 0;
        long[] before = acknowledged();
        try (ReadOnlyBlobStore<Long> reader = BlobStore.openReadOnly(directory, KeyCodec.longs())) {
            System.out.println("open");
            while (true) {
                long[] after = begun();
                refreshes++;
                reads += readAll(reader, before, after, random);
                if (isOver()) {
                    return "refreshes " + refreshes + " reads " + reads;
                }
                before = acknowledged();
                reader.refresh();
            }
        }
    }

    private static int readAll(ReadOnlyBlobStore<Long> reader, long[] before, long[] after, SplittableRandom random)
            throws IOException {
        long[] found = new long[KEYS];
        for (int key = 0; key < KEYS; key++) {
            byte[] blob = random.nextInt(10) == 0 ? streamed(reader, key) : reader.get((long) key);
            found[key] = requireAllowed(key, blob, before[key], after[key]);
        }
        long[] visited = new long[KEYS];
        reader.forEach((key, blob) -> visited[(int) (long) key] = requireVersion((int) (long) key, blob));
        if (!Arrays.equals(found, visited)) {
            throw new AssertionError("at " + Instant.now() + ": an iteration found other versions than single reads");
        }
        return 2 * KEYS;
    }

    private static byte @Nullable [] streamed(ReadOnlyBlobStore<Long> reader, long key) throws IOException {
        try (BlobInputStream in = reader.openStream(key)) {
            return in == null ? null : in.readAllBytes();
        }
    }

    /** Returns the version that was found, 0 if the key is absent. */
    private static long requireAllowed(int key, byte @Nullable [] blob, long before, long after) {
        if (blob == null) {
            if (before > 0 && before + (REMOVAL_ONE_IN - before % REMOVAL_ONE_IN) % REMOVAL_ONE_IN > after) {
                throw new AssertionError("key " + key + " is absent, and had versions " + before + " to " + after);
            }
            return 0;
        }
        long version = requireVersion(key, blob);
        if (version < before || version > after) {
            throw new AssertionError(
                    "key " + key + " has version " + version + ", and had versions " + before + " to " + after);
        }
        return version;
    }

    private static long requireVersion(int key, byte[] blob) {
        ByteBuffer bytes = ByteBuffer.wrap(blob);
        long ofKey = bytes.getLong();
        long version = bytes.getLong();
        if (ofKey != key || !Arrays.equals(blob, blob(key, version))) {
            throw new AssertionError("key " + key + " has a blob that it never had, of key " + ofKey);
        }
        return version;
    }

    // ---- what all of them know; every value is written by one thread, and seen in order on every machine

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private long begun(int key) {
        return (long) LONGS.getVolatile(versions, key * Long.BYTES);
    }

    private void setBegun(int key, long version) {
        LONGS.setVolatile(versions, key * Long.BYTES, version);
    }

    private void setAcknowledged(int key, long version) {
        LONGS.setVolatile(versions, (KEYS + key) * Long.BYTES, version);
    }

    private long[] begun() {
        long[] all = new long[KEYS];
        Arrays.setAll(all, this::begun);
        return all;
    }

    private long[] acknowledged() {
        long[] all = new long[KEYS];
        Arrays.setAll(all, key -> (long) LONGS.getVolatile(versions, (KEYS + key) * Long.BYTES));
        return all;
    }
}
