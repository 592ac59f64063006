package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import jdk.jfr.Recording;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.cache.EvictionSettings;
import org.blobarena.store.internal.engine.StoreBackdoor;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reading forms allocate that fill what their caller has, on the index that users have. */
class StoreReadAllocationTest {

    private static final int READS = 10_000;

    /**
     * Rounds of reads, of which the one counts that allocates least: there are objects until the compiler has found out which
     * nobody needs.
     */
    private static final int ROUNDS = 20;

    /** Has the thread wait that is to use what is compiled, so that it does not matter how soon the compiler gets to it. */
    private static final String COMPILE_AT_ONCE = "-Xbatch";

    @TempDir
    Path directory;

    /** @param recorded whether events were recorded before, and are no more */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsIntoWhatTheCallerHasAllocateNothing(boolean recorded) throws Exception {
        Path stores = Files.createDirectory(directory.resolve("stores"));
        try (ChildJvm child = ChildJvm.start(
                ChildJvm.classPath(), List.of(COMPILE_AT_ONCE), Program.class, stores, String.valueOf(recorded))) {
            List<String> allocated = child.awaitEnd();

            // Three kinds of keys and a cache that notes when blobs are used, small and large blobs, four forms of
            // reading; less than a byte for each read.
            assertThat(allocated)
                    .hasSize(4 * (4 + 2))
                    .allSatisfy(line -> assertThat(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                            .as(line)
                            .isLessThan(READS));
        }
    }

    /** Prints the bytes allocated by the reads of each case. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            if (Boolean.parseBoolean(arguments[1])) {
                try (Recording recording = new Recording();
                        BlobStore<Long> store = BlobStore.open(directory.resolve("before"), KeyCodec.longs())) {
                    recording.start();
                    store.get(1L);
                }
            }
            try (BlobStore<Long> store = BlobStore.open(directory.resolve("longs"), KeyCodec.longs())) {
                measure(store, 1_000_000L);
            }
            try (BlobStore<String> store = BlobStore.open(directory.resolve("text"), KeyCodec.utf8())) {
                measure(store, "https://example.org/");
            }
            BlobStoreBuilder<Long> idle = BlobStore.builder(KeyCodec.longs()).arenaBytesMax(1 << 20);
            StoreBackdoor.opened().evict(idle, new EvictionSettings(64L << 20, 1 << 20, 1000));
            try (BlobStore<Long> store = idle.open(directory.resolve("idle"))) {
                measure(store, 2L);
            }
            try (BlobStore<UUID> store = BlobStore.open(directory.resolve("uuids"), KeyCodec.uuids())) {
                measure(store, new UUID(1, 2));
            }
        }

        private static <K> void measure(BlobStore<K> store, K key) throws IOException {
            for (int length : new int[] {100, 100_000}) {
                store.put(key, "x".repeat(length).getBytes(java.nio.charset.StandardCharsets.UTF_8));
                List<Read> reads = new ArrayList<>();
                ByteBuffer heap = ByteBuffer.allocate(length);
                ByteBuffer direct = ByteBuffer.allocateDirect(length);
                reads.add(() -> store.get(key, heap, ByteBuffer::allocate));
                reads.add(() -> store.get(key, direct, ByteBuffer::allocateDirect));
                if (length <= 1000) {
                    StringBuilder text = new StringBuilder(length);
                    reads.add(() -> {
                        text.setLength(0);
                        store.appendTo(key, text);
                    });
                    reads.add(() -> store.read(key, blob -> Boolean.TRUE));
                }
                for (Read read : reads) {
                    System.out.println(key + " " + length + " bytes: " + leastAllocatedBy(read));
                }
            }
        }

        private static long leastAllocatedBy(Read read) throws IOException {
            long least = allocatedBy(read);
            for (int round = 1; round < ROUNDS && least >= READS; round++) {
                least = Math.min(least, allocatedBy(read));
            }
            return least;
        }

        private static long allocatedBy(Read read) throws IOException {
            var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < READS; i++) {
                read.run();
            }
            return threads.getCurrentThreadAllocatedBytes() - before;
        }

        @FunctionalInterface
        private interface Read {

            void run() throws IOException;
        }
    }
}
