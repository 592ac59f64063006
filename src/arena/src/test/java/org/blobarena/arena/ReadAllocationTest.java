package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadAllocationTest {

    private static final int READS = 10_000;

    @TempDir
    Path directory;

    @Test
    void readsIntoOneBufferAllocateNothing() throws Exception {
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        try (ChildJvm child = ChildJvm.start(List.of(ChildJvm.OPEN_CHANNELS), Program.class, scratch)) {
            List<String> allocated = child.awaitEnd();

            // Temporary and named file; direct and heap buffer, growing array and text; small and large reads.
            assertThat(allocated)
                    .hasSize(16)
                    .allSatisfy(bytes -> assertThat(Long.parseLong(bytes)).isLessThan(READS));
        }
    }

    /** Prints the bytes allocated by the reads of each case. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            ArenaOptions options =
                    ArenaOptions.builder().temporaryDirectory(directory).build();
            for (FileArenaWriter writer : List.of(
                    FileArenaWriter.temporary(0, options),
                    FileArenaWriter.create(directory.resolve("named"), 0, options))) {
                writer.push(new byte[200_000]);
                try (FileArena arena = writer.intoArena()) {
                    for (int length : new int[] {100, 100_000}) {
                        Location location = new Location(0, 50, length);
                        ByteBuffer heap = ByteBuffer.allocate(length);
                        ByteBuffer direct = ByteBuffer.allocateDirect(length);
                        ByteArrayBuilder array = new ByteArrayBuilder();
                        StringBuilder text = new StringBuilder();
                        print(() -> arena.get(location, heap.clear()));
                        print(() -> arena.get(location, direct.clear()));
                        print(() -> {
                            array.clear();
                            arena.appendTo(location, array);
                        });
                        print(() -> {
                            text.setLength(0);
                            arena.appendTo(location, text);
                        });
                    }
                }
            }
        }

        @FunctionalInterface
        private interface Read {
            void run() throws IOException;
        }

        private static void print(Read read) throws IOException {
            var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            repeat(read);
            long before = threads.getCurrentThreadAllocatedBytes();
            repeat(read);
            System.out.println(threads.getCurrentThreadAllocatedBytes() - before);
        }

        private static void repeat(Read read) throws IOException {
            for (int i = 0; i < READS; i++) {
                read.run();
            }
        }
    }
}
