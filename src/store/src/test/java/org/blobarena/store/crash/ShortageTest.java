package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.store.api.Durability;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** In processes whose stack, direct memory or descriptors truly run out; see {@link ShortageProgram} for what it looks at. */
@Timeout(180)
class ShortageTest {

    @TempDir
    Path temporary;

    @ParameterizedTest
    @EnumSource(Durability.class)
    void putsWithoutStackFailAndLoseNothing(Durability durability) throws Exception {
        run(List.of("-Xss512k"), "stack", durability);
    }

    @Test
    void putsWithoutDirectMemoryLoseNothing() throws Exception {
        run(List.of("-XX:MaxDirectMemorySize=8m"), "direct", Durability.WRITTEN);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS) // has no limit of descriptors
    void putsAndCompactionsWithoutDescriptorsFailAndLoseNothing() throws Exception {
        try (ChildJvm child = ChildJvm.startLimited(
                150, ShortageProgram.class, temporary.resolve("store"), "descriptors", Durability.WRITTEN.name())) {
            requireFailures(child);
        }
    }

    private void run(List<String> flags, String what, Durability durability) throws Exception {
        try (ChildJvm child = ChildJvm.start(
                ChildJvm.classPath(),
                flags,
                ShortageProgram.class,
                temporary.resolve("store"),
                what,
                durability.name())) {
            requireFailures(child);
        }
    }

    private static void requireFailures(ChildJvm child) throws IOException, InterruptedException {
        List<String> lines = child.awaitEnd();
        assertThat(lines).last().asString().matches("[1-9][0-9]* of [0-9]+ failed");
    }
}
