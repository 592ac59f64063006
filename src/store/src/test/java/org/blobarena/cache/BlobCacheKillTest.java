package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        Map<String, Long> present = present(directory, newest.keySet(), read);
        assertThat(present).hasSizeGreaterThan(100);
        present.forEach((key, step) -> {
            assertThat(step).as(key).isGreaterThanOrEqualTo(newest.get(key));
            assertThat(CacheKilledProgram.lastStep(step)).as(key).isGreaterThanOrEqualTo(read);
        });
        long last = Math.max(read, Collections.max(present.values()) + 1);

        Map<String, Long> later = present(directory, newest.keySet(), read * 2 + 1_000_000);
        assertThat(later).hasSizeGreaterThan(50);
        later.forEach((key, step) -> {
            assertThat(step).as(key).isEqualTo(present.get(key));
            assertThat(CacheKilledProgram.lastStep(step)).as(key).isEqualTo(Long.MAX_VALUE);
        });
        // The clock is set back: what comes back is what was there, and nothing older.
        assertThat(present.entrySet())
                .containsAll(present(directory, newest.keySet(), read).entrySet());
        try (BlobCache<String> cache = CacheKilledProgram.open(directory, () -> read)) {
            assertThat(TestCaches.diskBytes(directory)).isLessThanOrEqualTo(BlobCacheBuilder.MAXIMUM_BYTES_MIN);
            cache.invalidateAll(); // What the child did after the last line is not known.
        }
        newest.clear();
        return last + 1000;
    }

    /** The steps whose blobs are there at a moment, by key. */
    private static Map<String, Long> present(Path directory, Set<String> keys, long clock) throws Exception {
        Map<String, Long> present = new HashMap<>();
        try (BlobCache<String> cache = CacheKilledProgram.open(directory, () -> clock)) {
            for (String key : keys) {
                byte[] blob = cache.getIfPresent(key);
                if (blob != null) {
                    long step = ByteBuffer.wrap(blob).getLong();
                    assertThat(blob).isEqualTo(CacheKilledProgram.blob(step));
                    assertThat(CacheKilledProgram.key(step)).isEqualTo(key);
                    present.put(key, step);
                }
            }
        }
        return present;
    }
}
