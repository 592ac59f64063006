package org.blobarena.store.internal.write;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.store.BlobStore;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a put of an array allocates, on the index that users have: the buffer around the array, and nothing else. */
class StoreWriteAllocationTest {

    private static final int PUTS = 10_000;
    private static final int KEYS = 100;
    private static final int BYTES_PER_PUT_MAX = 64;

    /** Of a future, a task and a count, which the JDK makes for each write to a file unless it is opened to a library. */
    private static final int BYTES_PER_WRITE = 104;

    /**
     * Rounds of puts, of which the one counts that allocates least: there are objects until the compiler has found out which
     * nobody needs.
     */
    private static final int ROUNDS = 20;

    /** Has the thread wait that is to use what is compiled, so that it does not matter how soon the compiler gets to it. */
    private static final String COMPILE_AT_ONCE = "-Xbatch";

    @TempDir
    Path directory;

    @Test
    void putAllocatesNothingForItsKeyItsRecordAndItsPlace() throws Exception {
        Path stores = Files.createDirectory(directory.resolve("stores"));
        try (ChildJvm child = ChildJvm.start(ChildJvm.classPath(), List.of(COMPILE_AT_ONCE), Program.class, stores)) {
            List<String> lines = child.awaitEnd();
            assertThat(lines).hasSize(2);
            assertThat(bytes(lines.get(0))).as(lines.get(0)).isLessThanOrEqualTo(BYTES_PER_PUT_MAX);
            assertThat(bytes(lines.get(1))).as(lines.get(1)).isLessThanOrEqualTo(BYTES_PER_PUT_MAX + BYTES_PER_WRITE);
        }
    }

    private static long bytes(String line) {
        return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    }

    /** Prints the bytes that a put allocates with each durability that waits for no device. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            for (Durability durability : List.of(Durability.BUFFERED, Durability.WRITTEN)) {
                Path directory = Path.of(arguments[0]).resolve(durability.name());
                try (BlobStore<String> store = BlobStore.builder(KeyCodec.utf8())
                        .durability(durability)
                        .index(IndexKind.TABLE) // Which opens nothing of the JDK.
                        .open(directory)) {
                    System.out.println(durability + " " + leastAllocated(store));
                }
            }
        }

        private static long leastAllocated(BlobStore<String> store) throws IOException {
            String[] keys = new String[KEYS];
            for (int i = 0; i < KEYS; i++) {
                keys[i] = "https://example.org/" + i;
            }
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && least > BYTES_PER_PUT_MAX; round++) {
                least = Math.min(least, allocated(store, keys) / PUTS);
            }
            return least;
        }

        private static long allocated(BlobStore<String> store, String[] keys) throws IOException {
            var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            byte[] blob = new byte[100];
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < PUTS; i++) {
                store.put(keys[i % KEYS], blob);
            }
            return threads.getCurrentThreadAllocatedBytes() - before;
        }
    }
}
