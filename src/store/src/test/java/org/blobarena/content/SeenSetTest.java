package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SeenSetTest {

    private static final int THREADS = 4;

    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("seen");
    }

    @ParameterizedTest
    @EnumSource
    void keyIsNewOnceAlsoAfterReopening(Durability durability) throws IOException {
        SeenSetBuilder<String> builder =
                SeenSet.builder(KeyCodec.utf8()).durability(durability).expectedKeys(100);
        try (SeenSet<String> seen = builder.open(directory())) {
            assertThat(seen.contains("a")).isFalse();
            assertThat(seen.add("a")).isTrue();
            assertThat(seen.add("a")).isFalse();
            assertThat(seen.add("")).isTrue();
            assertThat(seen.contains("a")).isTrue();
            assertThat(seen.size()).isEqualTo(2);
            seen.force();
        }
        try (SeenSet<String> seen = builder.open(directory())) {
            assertThat(seen.add("a")).isFalse();
            assertThat(seen.add("")).isFalse();
            assertThat(seen.add("b")).isTrue();
        }
    }

    @Test
    void batchSaysWhichKeysAreNew() throws IOException {
        try (SeenSet<String> seen = SeenSet.open(directory(), KeyCodec.utf8())) {
            seen.add("b");

            BitSet isNew = seen.addAll(List.of("a", "b", "c", "a", "d"));

            assertThat(isNew.stream()).containsExactly(0, 2, 4);
            assertThat(seen.size()).isEqualTo(4);
            assertThat(seen.addAll(List.of("a", "b", "c", "d")).isEmpty()).isTrue();
            assertThat(seen.addAll(List.of()).isEmpty()).isTrue();
        }
    }

    /** Two arrays of the same bytes are one key, and an array may change once the call is over. */
    @Test
    void keysAreTheirBytes() throws IOException {
        byte[] reused = {1};
        KeyCodec<Byte> reusing = new KeyCodec<>() {
            @Override
            public byte[] encode(Byte key) {
                reused[0] = key;
                return reused;
            }

            @Override
            public Byte decode(byte[] bytes) {
                return bytes[0];
            }
        };
        try (SeenSet<Byte> seen = SeenSet.builder(reusing).temporary(temporary)) {
            assertThat(seen.addAll(List.of((byte) 1, (byte) 2, (byte) 1)).stream())
                    .containsExactly(0, 1);
            assertThat(seen.add((byte) 3)).isTrue();
            assertThat(seen.contains((byte) 1)).isTrue();
            assertThat(seen.contains((byte) 4)).isFalse();
        }
        try (SeenSet<byte[]> seen = SeenSet.open(directory(), KeyCodec.bytes())) {
            assertThat(seen.addAll(List.of(new byte[] {1}, new byte[] {1})).stream())
                    .containsExactly(0);
        }
    }

    @Test
    void setBehavesAsASetInMemory() throws IOException {
        Random random = new Random(1);
        Set<Long> model = new HashSet<>();
        SeenSet<Long> seen = SeenSet.open(directory(), KeyCodec.longs());
        try {
            for (int step = 0; step < 2000; step++) {
                int kind = random.nextInt(40);
                if (kind == 0) {
                    seen.close();
                    seen = SeenSet.open(directory(), KeyCodec.longs());
                } else if (kind < 30) {
                    long key = random.nextInt(3000);
                    assertThat(seen.contains(key)).isEqualTo(model.contains(key));
                    assertThat(seen.add(key)).isEqualTo(model.add(key));
                } else {
                    List<Long> keys =
                            random.longs(random.nextInt(50), 0, 3000).boxed().toList();
                    BitSet isNew = seen.addAll(keys);
                    for (int i = 0; i < keys.size(); i++) {
                        assertThat(isNew.get(i)).isEqualTo(model.add(keys.get(i)));
                    }
                }
                assertThat(seen.size()).isEqualTo(model.size());
            }
        } finally {
            seen.close();
        }
    }

    /** Each key is new for one of the threads, in whatever batches they come. */
    @Test
    void keyIsNewForOneThread() throws Exception {
        int keys = 20_000;
        AtomicIntegerArray news = new AtomicIntegerArray(keys);
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try (SeenSet<Long> seen = SeenSet.open(directory(), KeyCodec.longs())) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                Random random = new Random(thread);
                tasks.add(() -> {
                    for (int next = 0; next < keys; ) {
                        int size = 1 + random.nextInt(60);
                        List<Long> batch = new ArrayList<>();
                        while (batch.size() < size) {
                            batch.add((long) Math.min(keys - 1, next + random.nextInt(80)));
                        }
                        next += size / 3;
                        if (random.nextInt(3) == 0) {
                            for (long key : batch) {
                                if (seen.add(key)) {
                                    news.incrementAndGet((int) key);
                                }
                            }
                        } else {
                            seen.addAll(batch).stream()
                                    .forEach(i ->
                                            news.incrementAndGet(batch.get(i).intValue()));
                        }
                        next++;
                    }
                    return null;
                });
            }
            for (Future<Void> task : executor.invokeAll(tasks)) {
                task.get();
            }
            for (int key = 0; key < keys; key++) {
                assertThat(news.get(key))
                        .as("times that key %d was new", key)
                        .isEqualTo(seen.contains((long) key) ? 1 : 0);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void batchThatFailsLeavesNobodyWaiting() throws IOException {
        List<TestDirectory> directories = new ArrayList<>();
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> {
                    directories.add(new TestDirectory(StoreOpener.openDirectory(path, create)));
                    return directories.get(0);
                },
                HeapLocationIndexFactory.forgetting());
        try (SeenSet<Long> seen = SeenSet.builder(KeyCodec.longs())
                .store(builder -> StoreAccess.environment(builder, environment))
                .open(directory())) {
            seen.add(1L);
            directories.get(0).setFreeBytes(0);
            assertThatIOException().isThrownBy(() -> seen.addAll(List.of(1L, 2L, 3L)));
            assertThatIOException().isThrownBy(() -> seen.add(2L));
            directories.get(0).freeSpace();
            assertThat(seen.addAll(List.of(1L, 2L, 3L)).stream()).containsExactly(1, 2);
        }
    }

    @Test
    void keyThatIsPresentIsNotReadFromDisk() throws IOException {
        try (SeenSet<String> seen = SeenSet.open(directory(), KeyCodec.utf8())) {
            seen.add("a");
            seen.force();
            try (Stream<Path> files = Files.list(directory())) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".arena")).toList()) {
                    Files.write(file, new byte[(int) Files.size(file)]); // Whoever reads it finds damage.
                }
            }
            assertThat(seen.add("a")).isFalse();
            assertThat(seen.addAll(List.of("a")).isEmpty()).isTrue();
        }
    }

    @Test
    void whatCannotBeIsRefused() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeenSet.builder(KeyCodec.longs()).expectedKeys(-1))
                .withMessageContaining("-1");
        SeenSet<ByteBuffer> seen = SeenSet.builder(SeenSetBuilder.ENCODED).temporary(temporary);
        assertThatIllegalArgumentException().isThrownBy(() -> seen.add(ByteBuffer.allocate(70_000)));
        assertThat(seen.add(ByteBuffer.allocate(7))).isTrue();
        seen.close();
        assertThatExceptionOfType(StoreClosedException.class).isThrownBy(() -> seen.add(ByteBuffer.allocate(7)));
    }

    @Test
    void temporarySetLeavesNothing() throws IOException {
        try (SeenSet<Long> seen = SeenSet.temporary(KeyCodec.longs())) {
            assertThat(seen.add(1L)).isTrue();
        }
        try (SeenSet<Long> seen = SeenSet.builder(KeyCodec.longs()).temporary(temporary)) {
            assertThat(seen.add(1L)).isTrue();
        }
        assertThat(temporary).isEmptyDirectory();
    }
}
