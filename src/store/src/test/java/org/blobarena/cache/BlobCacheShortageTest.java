package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** In processes whose descriptors or direct memory truly run out; see {@link CacheShortageProgram} for what it looks at. */
@Timeout(180)
class BlobCacheShortageTest {

    @TempDir
    private Path temporary;

    @Test
    @DisabledOnOs(OS.WINDOWS) // has no limit of descriptors
    void loadsAreServedWithoutDescriptors() throws Exception {
        try (ChildJvm child =
                ChildJvm.startLimited(150, CacheShortageProgram.class, temporary.resolve("cache"), "descriptors")) {
            requireFailures(child);
        }
    }

    @Test
    void loadsAreServedWithoutDirectMemory() throws Exception {
        try (ChildJvm child = ChildJvm.start(
                ChildJvm.classPath(),
                List.of("-XX:MaxDirectMemorySize=8m"),
                CacheShortageProgram.class,
                temporary.resolve("cache"),
                "direct")) {
            requireFailures(child);
        }
    }

    private static void requireFailures(ChildJvm child) throws Exception {
        assertThat(child.awaitEnd()).last().asString().matches("[1-9][0-9]* of [0-9]+ failed");
    }
}
