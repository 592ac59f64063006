package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterruptedThreadTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void interruptedThreadsFailNobodyAndKeepTheirFlag(boolean accessToChannels) throws Exception {
        List<String> flags = accessToChannels ? List.of(ChildJvm.OPEN_CHANNELS) : List.of();
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        try (ChildJvm child = ChildJvm.start(flags, InterruptedProgram.class, scratch)) {
            assertThat(child.awaitEnd()).containsExactly("passed, access to channels: " + accessToChannels);
            assertThat(child.errors()).isEmpty();
        }
    }
}
