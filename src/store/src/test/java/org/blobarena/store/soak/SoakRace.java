package org.blobarena.store.soak;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.commons.io.FileUtils;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.testing.ByteCollector;
import org.jspecify.annotations.Nullable;

/**
 * Many threads on one store, until a deadline.
 *
 * <p>Every key has one owner, which alone writes it and counts its versions: one before each write and one after, so
 * an odd count is a write under way. A reader notes the count before and after: what it finds is the version of one
 * count in between, and if nothing was under way exactly that one. A blob names its key and version, and the rest of it
 * follows from both. Even versions of a key are blobs or absences as the version says.
 */
final class SoakRace {

    private static final int OWNERS = 4;
    private static final int READERS = 4;
    private static final int KEYS_PER_OWNER = 3000;
    private static final int HEADER_BYTES = 16;

    /** Blobs that are streamed and longer go to files of their own. */
    private static final int STREAM_MEMORY_BYTES = 300;

    private static final int BATCH_KEYS = 20;

    private final Path directory;
    private final long seed;
    private final long deadline;
    private final AtomicLongArray counts = new AtomicLongArray(OWNERS * KEYS_PER_OWNER);
    private final ReentrantReadWriteLock reopening = new ReentrantReadWriteLock();
    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder writes = new LongAdder();
    private final LongAdder reads = new LongAdder();
    private final LongAdder visits = new LongAdder();
    private final LongAdder compactions = new LongAdder();
    private final LongAdder snapshots = new LongAdder();
    private final LongAdder reopenings = new LongAdder();
    private final LongAdder verifications = new LongAdder();
    private final LongAdder interrupts = new LongAdder();
    private @Nullable BlobStore<Long> store;

    SoakRace(Path directory, long seed, long deadline) {
        this.directory = directory;
        this.seed = seed;
        this.deadline = deadline;
    }

    @Override
    public String toString() {
        return writes + " writes, " + reads + " reads, " + visits + " visited, " + verifications + " verifications, "
                + compactions + " compactions of everything, " + snapshots + " snapshots, "
                + reopenings + " reopenings, " + interrupts + " interrupts";
    }

    /** What runs at the same time. The first opens the store for the others. */
    List<Callable<Void>> tasks() throws IOException {
        store = open();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < OWNERS; i++) {
            int owner = i;
            tasks.add(() -> untilTheEnd(random(owner), (current, random) -> write(current, owner, random)));
        }
        for (int i = 0; i < READERS; i++) {
            tasks.add(() -> untilTheEnd(random(OWNERS + tasks.size()), this::read));
        }
        tasks.add(() -> untilTheEnd(random(100), this::visit));
        tasks.add(this::manage);
        return tasks;
    }

    private BlobStore<Long> open() throws IOException {
        return builder().open(directory);
    }

    private static BlobStoreBuilder<Long> builder() {
        return StoreAccess.streamMemoryBytes(
                        BlobStore.builder(KeyCodec.longs())
                                .arenaBytesMax(4 << 20)
                                .bufferBytes(32 * 1024),
                        STREAM_MEMORY_BYTES)
                .maxDeadShare(0.15);
    }

    private SplittableRandom random(int thread) {
        return new SplittableRandom(seed * 1000 + thread);
    }

    /** Something that is done again and again to the open store. */
    @FunctionalInterface
    private interface Action {

        void run(BlobStore<Long> current, SplittableRandom random) throws IOException;
    }

    private Void untilTheEnd(SplittableRandom random, Action action) throws IOException {
        synchronized (threads) {
            threads.add(Thread.currentThread());
        }
        try {
            while (System.nanoTime() < deadline) {
                reopening.readLock().lock();
                try {
                    if (System.nanoTime() < deadline) { // Else it may be closed.
                        action.run(openStore(), random);
                    }
                } finally {
                    reopening.readLock().unlock();
                }
                // Taken back now and then: a thread that stays interrupted meets less.
                if (random.nextInt(50) == 0 && Thread.interrupted()) {
                    interrupts.increment();
                }
            }
        } finally {
            synchronized (threads) {
                threads.remove(Thread.currentThread());
            }
        }
        return null;
    }

    private BlobStore<Long> openStore() {
        BlobStore<Long> current = store;
        if (current == null) {
            throw new IllegalStateException("the store could not be opened again");
        }
        return current;
    }

    // ---- keys and their versions

    /** Whether a version of a key is an absence; every key begins as one. */
    private static boolean isAbsent(long key, long version) {
        return version == 0 || new SplittableRandom(key * 31 + version).nextInt(5) == 0;
    }

    private static byte[] blob(long key, long version) {
        SplittableRandom random = new SplittableRandom(key * 37 + version);
        int filler = random.nextInt(200) == 0 ? 150_000 : 400;
        byte[] bytes = new byte[HEADER_BYTES + random.nextInt(filler)];
        new Random(random.nextLong()).nextBytes(bytes);
        if (random.nextBoolean()) {
            Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) version); // Can be compressed.
        }
        ByteBuffer.wrap(bytes).putLong(key).putLong(version);
        return bytes;
    }

    private void write(BlobStore<Long> current, int owner, SplittableRandom random) throws IOException {
        int index = owner * KEYS_PER_OWNER + random.nextInt(KEYS_PER_OWNER);
        long key = index;
        long before = counts.getAndIncrement(index);
        long version = before / 2 + 1;
        int level = random.nextInt(1000);
        Durability durability = level == 0 ? Durability.FORCED : level < 300 ? Durability.BUFFERED : Durability.WRITTEN;
        boolean wasAbsent = isAbsent(key, version - 1);
        if (isAbsent(key, version)) {
            require(current.withDurability(durability).remove(key) != wasAbsent, key, "removal");
        } else if (wasAbsent && level % 2 == 0) {
            require(current.putIfAbsent(key, blob(key, version)), key, "put if absent");
        } else {
            put(current, key, blob(key, version), durability, random.nextInt(6));
        }
        counts.incrementAndGet(index);
        writes.increment();
        if (level == 1) {
            current.force();
        }
    }

    private static void put(BlobStore<Long> current, long key, byte[] blob, Durability durability, int way)
            throws IOException {
        switch (way) {
            case 0 -> current.withDurability(durability).put(key, new ByteArrayInputStream(blob));
            case 1 -> current.withDurability(durability).putAll(Map.of(key, blob));
            case 2 ->
                current.withCompression(Compression.ZSTD)
                        .withDurability(durability)
                        .put(key, blob);
            case 3 -> {
                BlobOutputStream given = current.newOutputStream(key);
                given.write(blob, 0, blob.length / 2);
                current.withCompression(Compression.ZSTD)
                        .withDurability(durability)
                        .put(key, new ByteArrayInputStream(blob));
                given.close();
            }
            default -> current.withDurability(durability).put(key, blob);
        }
    }

    private void read(BlobStore<Long> current, SplittableRandom random) throws IOException {
        int way = random.nextInt(8);
        if (way == 0) {
            readBatch(current, random);
            return;
        }
        int index = random.nextInt(counts.length());
        long before = counts.get(index);
        byte[] found = read(current, index, way);
        check(index, before, found, counts.get(index));
        reads.increment();
    }

    private static byte @Nullable [] read(BlobStore<Long> current, long key, int way) throws IOException {
        switch (way) {
            case 1 -> {
                try (BlobInputStream in = current.openStream(key)) {
                    return in == null ? null : in.readAllBytes();
                }
            }
            case 2 -> {
                ByteBuffer found = current.get(key, ByteBuffer.allocate(100), ByteBuffer::allocate);
                return found == null ? null : Arrays.copyOf(found.array(), found.limit());
            }
            case 3 -> {
                ByteCollector bytes = new ByteCollector();
                return current.transferTo(key, bytes).isPresent() ? bytes.toByteArray() : null;
            }
            default -> {
                return current.get(key);
            }
        }
    }

    private void readBatch(BlobStore<Long> current, SplittableRandom random) throws IOException {
        Map<Long, Long> before = new HashMap<>();
        for (int i = 0; i < BATCH_KEYS; i++) {
            int index = random.nextInt(counts.length());
            before.put((long) index, counts.get(index));
        }
        Map<Long, byte[]> found = current.getAll(before.keySet());
        before.forEach((key, count) -> check(key, count, found.get(key), counts.get(Math.toIntExact(key))));
        reads.add(before.size());
    }

    /** Visits see each key at some moment after they began. */
    private void visit(BlobStore<Long> current, SplittableRandom random) throws IOException {
        long[] before = new long[counts.length()];
        for (int i = 0; i < before.length; i++) {
            before[i] = counts.get(i);
        }
        boolean[] seen = new boolean[before.length];
        current.forEach((key, blob) -> {
            int index = Math.toIntExact(key);
            require(!seen[index], key, "second visit");
            seen[index] = true;
            check(index, before[index], blob, counts.get(index));
            visits.increment();
        });
        for (int i = 0; i < before.length; i++) {
            if (!seen[i]) {
                check(i, before[i], null, counts.get(i));
            }
        }
        require(current.stats().keys() <= counts.length(), -1, "number of keys");
    }

    /** What is found must be a version that was the key's at some moment between two counts. */
    private static void check(long key, long before, byte @Nullable [] found, long after) {
        long first = before / 2;
        long last = (after + 1) / 2;
        if (found == null) {
            boolean possible = false;
            for (long version = first; version <= last && !possible; version++) {
                possible = isAbsent(key, version);
            }
            require(possible, key, "absence");
        } else {
            long version = ByteBuffer.wrap(found).getLong(Long.BYTES);
            require(version >= first && version <= last, key, "version " + version + " of " + first + " to " + last);
            require(!isAbsent(key, version) && Arrays.equals(found, blob(key, version)), key, "blob");
        }
    }

    private static void require(boolean condition, long key, String what) {
        if (!condition) {
            throw new AssertionError("key " + key + ": wrong " + what);
        }
    }

    // ---- what happens to the others

    /** Interrupts the others, verifies, and closes and opens the store, in one thread. */
    private Void manage() throws IOException {
        SplittableRandom random = random(200);
        while (System.nanoTime() < deadline) {
            for (int i = 0; i < 200 && System.nanoTime() < deadline; i++) {
                synchronized (threads) {
                    if (!threads.isEmpty()) {
                        threads.get(random.nextInt(threads.size())).interrupt();
                    }
                }
                read(openStore(), random);
            }
            switch (random.nextInt(3)) {
                case 0 -> {
                    openStore().compact();
                    compactions.increment();
                }
                case 1 -> snapshot();
                default -> {}
            }
            List<Damage> damage = openStore().verify().damage();
            require(damage.isEmpty(), -1, "verification: " + damage);
            verifications.increment();
            reopen(random.nextBoolean());
        }
        reopening.writeLock().lock();
        try {
            openStore().close();
        } finally {
            reopening.writeLock().unlock();
        }
        return null;
    }

    /** A snapshot opens and holds together; that it is of one moment only the writers could tell. */
    private void snapshot() throws IOException {
        Path target = directory.resolveSibling("snapshot");
        openStore().snapshot(target);
        try (BlobStore<Long> copy = builder().open(target)) {
            require(copy.stats().opening().damageCount() == 0 && copy.verify().isIntact(), -1, "snapshot");
        }
        FileUtils.deleteDirectory(target.toFile());
        snapshots.increment();
    }

    private void reopen(boolean crash) throws IOException {
        reopening.writeLock().lock();
        try {
            BlobStore<Long> current = openStore();
            store = null;
            if (crash) {
                current.force(); // What is only buffered may be lost, and the counts would not know.
                StoreAccess.crash(current);
            }
            current.close();
            store = open();
            require(openStore().stats().opening().damageCount() == 0, -1, "opening");
            reopenings.increment();
        } finally {
            reopening.writeLock().unlock();
        }
    }
}
