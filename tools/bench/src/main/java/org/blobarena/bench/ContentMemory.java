package org.blobarena.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.blobarena.content.ContentStats;
import org.blobarena.content.ContentStore;

/** What a content store takes in memory for each distinct content, each of which has one name. */
public final class ContentMemory {

    private static final int CONTENT_BYTES = 100;

    private ContentMemory() {}

    /**
     * Runs it.
     *
     * @param arguments a directory with room, numbers of contents in ascending order
     */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "blobarena-memory-");
        try (ContentStore store = ContentStore.open(directory.resolve("store"))) {
            long heapBefore = heapBytes();
            byte[] content = new byte[CONTENT_BYTES];
            long count = 0;
            for (int i = 1; i < arguments.length; i++) {
                long wanted = Long.parseLong(arguments[i]);
                for (; count < wanted; count++) {
                    ByteBuffer.wrap(content).putLong(count);
                    store.put("https://example.org/" + count, content);
                }
                ContentStats stats = store.stats();
                System.out.printf(
                        "%,d contents: %.1f bytes of index each, and %.1f for its name; heap %+d KiB%n",
                        count,
                        (double) stats.contents().indexBytes() / count,
                        (double) stats.names().indexBytes() / count,
                        (heapBytes() - heapBefore) >> 10);
            }
        } finally {
            ColdBatch.delete(directory);
        }
    }

    private static long heapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
