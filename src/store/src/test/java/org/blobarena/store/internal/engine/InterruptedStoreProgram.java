package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestStores;

/**
 * A store whose users are interrupted all the time, among others who never are. Run in a process of its own: with the
 * real index, for which the library gets access to channels, and without that access, with an index on the heap.
 */
final class InterruptedStoreProgram {

    private static final int FIRED = 3;
    private static final int SPARED = 2;
    private static final int OPERATIONS = 600;
    private static final int SURVIVED_MIN = 100;

    /** So that all together have more keys than the first index takes; none where no index can grow. */
    private static final int FILLING_PER_OPERATION = 6;

    private final BlobStoreBuilder<String> builder;
    private final Path directory;
    private final int filling;
    private final List<Map<String, ByteBuffer>> models = new ArrayList<>();

    private InterruptedStoreProgram(Path directory, boolean heapIndex) {
        this.directory = directory.resolve("store");
        this.filling = heapIndex ? 0 : FILLING_PER_OPERATION;
        this.builder = BlobStore.builder(KeyCodec.utf8())
                .arenaBytesMax(TestStores.SMALL_FILE_BYTES)
                .bufferBytes(4096)
                .expectedKeys(1);
        if (heapIndex) {
            StoreAccess.environment(
                    builder, new StoreEnvironment(StoreOpener::openDirectory, HeapLocationIndexFactory.remembering()));
        }
    }

    public static void main(String[] arguments) throws Exception {
        boolean heapIndex = arguments[1].equals("heap");
        InterruptedStoreProgram program = new InterruptedStoreProgram(Path.of(arguments[0]), heapIndex);
        program.everyOperationUnderFire();
        program.closeAndOpenWithTheFlagSet();
        program.closeUnderFire();
        System.out.println("passed, access to channels: "
                + FileChannel.class.getModule().isOpen("sun.nio.ch", InterruptedStoreProgram.class.getModule()));
    }

    private void everyOperationUnderFire() throws Exception {
        try (BlobStore<String> store = builder.open(directory)) {
            long indexBytes = store.stats().indexBytes();
            List<Callable<Void>> fired = new ArrayList<>();
            List<Callable<Void>> spared = new ArrayList<>();
            for (int i = 0; i < FIRED + SPARED; i++) {
                Worker worker = new Worker(store, String.valueOf(i), i);
                models.add(worker.model);
                (i < FIRED ? fired : spared).add(i < FIRED ? worker::underFire : worker::spared);
            }
            run(fired, spared);
            check(store.stats().arenaFiles() > 3, "too few files were rolled");
            check(filling == 0 || store.stats().indexBytes() > indexBytes, "the index has not grown");
            check(store.verify().isIntact(), "damaged");
            checkContent(store);
        }
    }

    private void closeAndOpenWithTheFlagSet() throws IOException {
        for (int round = 0; round < 3; round++) {
            Thread.currentThread().interrupt();
            BlobStore<String> store = builder.open(directory);
            check(store.stats().opening().clean(), "the last close was not clean");
            checkContent(store);
            store.withDurability(Durability.FORCED).put("by an interrupted thread", new byte[round]);
            models.get(0).put("by an interrupted thread", ByteBuffer.allocate(round));
            store.force();
            store.close();
            check(Thread.interrupted(), "the flag is lost");
        }
    }

    private void closeUnderFire() throws Exception {
        for (int round = 0; round < 5; round++) {
            BlobStore<String> store = builder.open(directory);
            List<Callable<Void>> fired = new ArrayList<>();
            for (int i = 0; i < FIRED; i++) {
                Worker worker = new Worker(store, "closing " + round + " " + i, i);
                fired.add(worker::untilClosed);
            }
            fired.add(() -> {
                for (int i = 0; i < 300; i++) {
                    store.put("closer " + i, new byte[100]);
                }
                store.close();
                return null;
            });
            run(fired, List.of());
            try (BlobStore<String> again = builder.open(directory)) {
                check(again.stats().opening().clean(), "the close under fire was not clean");
                check(again.verify().isIntact(), "damaged");
            }
        }
    }

    private void checkContent(BlobStore<String> store) throws IOException {
        Map<String, ByteBuffer> expected = new HashMap<>();
        models.forEach(expected::putAll);
        check(TestStores.content(store).equals(expected), "another content");
    }

    /** One thread with keys of its own. */
    private final class Worker {

        private final BlobStore<String> store;
        private final String id;
        private final Random random;
        private final Map<String, ByteBuffer> model = new HashMap<>();

        Worker(BlobStore<String> store, String id, long seed) {
            this.store = store;
            this.id = id;
            this.random = new Random(seed);
        }

        /** Until enough operations have begun with the flag set and ended with it. */
        Void underFire() throws IOException {
            int survived = 0;
            for (int i = 0; i < OPERATIONS || survived < SURVIVED_MIN; i++) {
                boolean before = Thread.currentThread().isInterrupted();
                step(i);
                check(Thread.currentThread().isInterrupted() || !before, "the flag is lost");
                survived += before && Thread.interrupted() ? 1 : 0;
            }
            return null;
        }

        Void spared() throws IOException {
            for (int i = 0; i < OPERATIONS; i++) {
                step(i);
                check(!Thread.currentThread().isInterrupted(), "a flag nobody has set");
            }
            return null;
        }

        Void untilClosed() throws IOException {
            try {
                for (int i = 0; ; i++) {
                    step(i);
                }
            } catch (StoreClosedException e) {
                return null;
            }
        }

        private void step(int number) throws IOException {
            String key = id + " " + random.nextInt(OPERATIONS);
            byte[] blob = TestStores.blob(random.nextInt(400), number);
            switch (number % 8) {
                case 0 -> check(store.remove(key) == (model.remove(key) != null), "wrong removal");
                case 1 ->
                    check(
                            store.putIfAbsent(key, blob) == (model.putIfAbsent(key, ByteBuffer.wrap(blob)) == null),
                            "wrong put if absent");
                case 2, 3 -> {
                    byte[] found = store.get(key);
                    check(Objects.equals(found == null ? null : ByteBuffer.wrap(found), model.get(key)), "wrong");
                    check(store.contains(key) == model.containsKey(key), "wrong presence");
                }
                default -> {
                    store.withDurability(number % 8 == 4 ? Durability.BUFFERED : Durability.WRITTEN)
                            .put(key, blob);
                    model.put(key, ByteBuffer.wrap(blob));
                }
            }
            for (int i = 0; i < filling; i++) {
                String filling = id + " filling " + number + " " + i;
                store.withDurability(Durability.BUFFERED).put(filling, new byte[0]);
                model.put(filling, ByteBuffer.allocate(0));
            }
            if (number % 100 == 50) {
                store.withDurability(Durability.FORCED).put(id + " forced", blob);
                model.put(id + " forced", ByteBuffer.wrap(blob));
                store.force();
            }
            if (number % 300 == 250) {
                visit();
            }
        }

        private void visit() throws IOException {
            int[] seen = new int[1];
            store.forEach((key, blob) -> seen[0] += isOwn(key) ? 1 : 0);
            check(seen[0] == model.size(), "a visit of " + seen[0] + " keys of " + model.size());
            try (Stream<String> keys = store.keys()) {
                check(keys.filter(this::isOwn).count() == model.size(), "another number of keys");
            }
            check(store.size() >= model.size() && store.stats().keys() >= model.size(), "too few keys");
        }

        private boolean isOwn(String key) {
            return key.startsWith(id + " ");
        }
    }

    private static void run(List<Callable<Void>> fired, List<Callable<Void>> spared) throws Exception {
        List<FutureTask<Void>> tasks = new ArrayList<>();
        List<Thread> targets = new ArrayList<>();
        for (Callable<Void> one : fired) {
            targets.add(start(one, tasks));
        }
        for (Callable<Void> one : spared) {
            start(one, tasks);
        }
        while (targets.stream().anyMatch(Thread::isAlive)) {
            targets.forEach(Thread::interrupt);
            Thread.onSpinWait();
        }
        for (FutureTask<Void> task : tasks) {
            task.get();
        }
    }

    private static Thread start(Callable<Void> one, List<FutureTask<Void>> tasks) {
        FutureTask<Void> task = new FutureTask<>(one);
        tasks.add(task);
        Thread thread = new Thread(task);
        thread.start();
        return thread;
    }

    private static void check(boolean right, String message) {
        if (!right) {
            throw new IllegalStateException(message);
        }
    }
}
