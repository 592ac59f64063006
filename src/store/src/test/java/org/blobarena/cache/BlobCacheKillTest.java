package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills processes with SIGKILL that write to a cache, and looks at what is there. */
class BlobCacheKillTest {

    private static final int ROUNDS = 4;
    private static final int STEPS_PER_ROUND = 900;

    @TempDir
    private Path temporary;

    @Test
    void aKilledProcessLeavesNewestBlobsAndAllThatWasNotEvicted() throws Exception {
        Path directory = temporary.resolve("cache");
        Map<String, Long> newest = new HashMap<>();
        long step = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (ChildJvm child = ChildJvm.start(
                    ChildJvm.classPath(), List.of(), CacheKilledProgram.class, directory, Long.toString(step))) {
                for (int i = 0; i < STEPS_PER_ROUND + 37 * round; i++) {
                    String line = child.readLine();
                    assertThat(line).as(child.errors()).startsWith(step + " ");
                    newest.put(CacheKilledProgram.key(step), step);
                    step++;
                }
            }
            step = check(directory, newest, step);
        }
    }

    /** The child may have gone on after what was read of it; returns the next number for another. */
    private static long check(Path directory, Map<String, Long> newest, long read) throws Exception {
        try (BlobCache<String> cache = CacheKilledProgram.open(directory)) {
            int found = 0;
            long last = read;
            for (Map.Entry<String, Long> entry : newest.entrySet()) {
                byte[] blob = cache.getIfPresent(entry.getKey());
                if (blob != null) {
                    found++;
                    long step = ByteBuffer.wrap(blob).getLong();
                    assertThat(blob).isEqualTo(CacheKilledProgram.blob(step));
                    assertThat(CacheKilledProgram.key(step)).isEqualTo(entry.getKey());
                    assertThat(step).as(entry.getKey()).isGreaterThanOrEqualTo(entry.getValue());
                    last = Math.max(last, step + 1);
                }
            }
            assertThat(found).isGreaterThan(100);
            assertThat(TestCaches.diskBytes(directory)).isLessThanOrEqualTo(BlobCacheBuilder.MAXIMUM_BYTES_MIN);
            cache.invalidateAll(); // What the child did after the last line is not known.
            newest.clear();
            return last + 1000;
        }
    }
}
