package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemporaryFileCrashTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void killedProcessLeavesNoTemporaryFile(boolean accessToChannels) throws Exception {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
        List<String> flags = accessToChannels ? List.of(ChildJvm.OPEN_CHANNELS) : List.of();
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        try (ChildJvm child = ChildJvm.start(flags, Program.class, scratch)) {
            child.awaitLine("ready");
            assertThat(scratch).isEmptyDirectory();

            child.kill();

            assertThat(scratch).isEmptyDirectory();
        }
    }

    /** Has a growing temporary file and a finished one, and waits to be killed. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            ArenaOptions options = ArenaOptions.builder()
                    .temporaryDirectory(Path.of(arguments[0]))
                    .build();
            FileArenaWriter growing = FileArenaWriter.temporary(0, options);
            growing.push(new byte[1_000_000]);
            growing.push(new byte[10]);
            FileArenaWriter writer = FileArenaWriter.temporary(0, options);
            Location location = writer.push(new byte[1_000_000]);
            try (FileArena arena = writer.intoArena()) {
                if (arena.get(location).length == 1_000_000) {
                    System.out.println("ready");
                }
                System.in.read();
            }
        }
    }
}
