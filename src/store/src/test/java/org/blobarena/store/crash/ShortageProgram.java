package org.blobarena.store.crash;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a store while stack, direct memory or descriptors run out again and again, and afterwards; then looks at what it has.
 * Arguments: the directory, what runs out, and the durability. Ends with 0 when all is well, and prints how many
 * operations failed.
 */
final class ShortageProgram {

    private static final int KEYS = 300;
    private static final long HANG_MILLIS = 100_000;

    private final BlobStore<Long> store;
    private final Durability durability;

    /** The version that was acknowledged last, by key, and the one that was tried last; none is negative. */
    private final int[] acknowledged = new int[KEYS];

    private final int[] tried = new int[KEYS];

    private final Long[] keys = new Long[KEYS];
    private long attempts;
    private long failures;
    private @Nullable Throwable lastFailure;
    private int opsLeft;

    private ShortageProgram(BlobStore<Long> store, Durability durability) {
        this.store = store;
        this.durability = durability;
        for (int i = 0; i < KEYS; i++) {
            keys[i] = (long) i;
        }
    }

    public static void main(String[] args) throws Exception {
        endWhenHanging();
        Path directory = Path.of(args[0]);
        BlobStore<Long> store = open(directory);
        ShortageProgram program = new ShortageProgram(store, Durability.valueOf(args[2]));
        program.putAll();
        require(program.failures == 0, "puts fail before anything runs out: " + program.lastFailure);
        switch (args[1]) {
            case "stack" -> program.runOutOfStack();
            case "direct" -> program.runOutOfDirectMemory();
            default -> program.runOutOfDescriptors();
        }
        long failures = program.failures;
        program.putAll();
        require(program.failures == failures, "puts fail afterwards: " + program.lastFailure);
        store.compact();
        require(store.verify().damageCount() == 0, "it is damaged");
        store.close();
        try (BlobStore<Long> reopened = open(directory)) {
            program.requireAll(reopened);
            require(reopened.stats().opening().clean(), "the close was not clean");
            require(reopened.verify().damageCount() == 0, "it is damaged when reopened");
        }
        System.out.println(failures + " of " + program.attempts + " failed");
        System.exit(0);
    }

    private static BlobStore<Long> open(Path directory) throws IOException {
        return BlobStore.builder(KeyCodec.longs())
                .arenaBytesMax(256 * 1024)
                .forceEvery(Duration.ofMillis(20))
                .open(directory);
    }

    private static void endWhenHanging() {
        Thread watchdog = new Thread(() -> {
            try {
                Thread.sleep(HANG_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
            Thread.getAllStackTraces()
                    .forEach((thread, stack) -> System.err.println(thread + " " + Arrays.toString(stack)));
            Runtime.getRuntime().halt(3);
        });
        watchdog.setDaemon(true);
        watchdog.start();
    }

    private static void require(boolean good, String otherwise) {
        if (!good) {
            System.err.println(otherwise);
            Runtime.getRuntime().halt(2);
        }
    }

    private void putAll() {
        for (int i = 0; i < KEYS; i++) {
            put(i);
        }
    }

    private void put(int key) {
        attempts++;
        try {
            int version = tried[key] + 1;
            byte[] blob = blob(key, version);
            tried[key] = version;
            store.withDurability(durability).put(keys[key], blob);
            acknowledged[key] = version;
        } catch (Throwable e) { // Also an error: that is what this is about.
            failures++;
            lastFailure = e;
        }
    }

    private static byte[] blob(int key, int version) {
        byte[] blob = new byte[100 + 37 * (key % 50)];
        ByteBuffer.wrap(blob).putInt(key).putInt(version);
        return blob;
    }

    /** What was acknowledged last, or what was tried after it. */
    private void requireAll(BlobStore<Long> reopened) throws IOException {
        for (int i = 0; i < KEYS; i++) {
            byte[] blob = reopened.get(keys[i]);
            require(blob != null, "key " + i + " is gone");
            int version = blob == null ? -1 : ByteBuffer.wrap(blob).getInt(Integer.BYTES);
            require(
                    version >= acknowledged[i] && version <= tried[i] && Arrays.equals(blob, blob(i, version)),
                    "key " + i + " has version " + version + " and not " + acknowledged[i]);
        }
    }

    // ---- what runs out

    /** Puts at every depth, from where there is no stack at all, with stacks of sizes that differ by little. */
    private void runOutOfStack() throws InterruptedException {
        for (int round = 0; round < 24; round++) {
            opsLeft = 150;
            Thread deep = new Thread(null, this::descend, "deep", 300_000 + round * 16L);
            deep.start();
            deep.join();
        }
    }

    @SuppressWarnings("InfiniteRecursion") // until there is no stack
    private void descend() {
        try {
            descend();
        } catch (StackOverflowError e) {
            failures++;
        }
        if (opsLeft > 0) {
            opsLeft--;
            put(opsLeft % KEYS);
        }
    }

    private void runOutOfDirectMemory() {
        for (int round = 0; round < 2; round++) {
            Deque<ByteBuffer> held = new ArrayDeque<>();
            int bytes = 1 << 20;
            while (bytes > 64) {
                try {
                    held.add(ByteBuffer.allocateDirect(bytes));
                } catch (OutOfMemoryError e) {
                    bytes /= 8;
                }
            }
            putAll();
            attemptCompaction();
            require(!held.isEmpty(), "there was no direct memory at all");
            held.clear();
            System.gc(); // Frees what is held no more.
        }
    }

    private void runOutOfDescriptors() throws IOException {
        for (int round = 0; round < 3; round++) {
            Deque<Closeable> held = new ArrayDeque<>();
            try {
                while (true) {
                    held.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException e) {
                attemptCompaction();
            }
            for (int i = 0; i < 4; i++) {
                putAll();
                attemptCompaction();
                held.remove().close(); // Some can be had again, one by one.
            }
            while (!held.isEmpty()) {
                held.remove().close();
            }
        }
    }

    private void attemptCompaction() {
        attempts++;
        try {
            store.compact();
        } catch (Throwable e) { // Also an error.
            failures++;
            lastFailure = e;
        }
    }
}
