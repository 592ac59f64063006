package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandaloneArenaTest {

    @TempDir
    Path directory;

    @Test
    void arenaRunsOnTheJdkAloneWithoutFlagsAndWithoutAWord() throws Exception {
        assumeThat(Files.getFileStore(directory).type()).isNotIn("tmpfs", "ramfs");
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        Path program = copyAlone(Program.class);
        List<Path> classPath = List.of(ChildJvm.classesOf(FileArena.class), program);
        List<String> flags = List.of("-verbose:class", "-Djava.io.tmpdir=" + scratch);
        try (ChildJvm child = ChildJvm.start(classPath, flags, Program.class, scratch)) {
            List<String> output = child.awaitEnd();

            assertThat(child.errors()).isEmpty();
            assertThat(output).contains("read what was pushed");
            assertThat(output).anyMatch(line -> line.contains("org.blobarena.arena.FileArena source: file:"));
            assertThat(output)
                    .filteredOn(line -> line.contains("source: file:"))
                    .allMatch(line -> line.contains("org.blobarena.arena"));
            assertThat(output)
                    .noneMatch(line -> line.contains("net.openhft"))
                    .noneMatch(line -> line.contains("org.slf4j"))
                    .noneMatch(line -> line.contains("org.jspecify"));
        }
    }

    /** Without the other test classes and what they need. */
    private Path copyAlone(Class<?> type) throws IOException {
        String file = type.getName().replace('.', '/') + ".class";
        Path copy = directory.resolve("program").resolve(file);
        Files.createDirectories(copy.getParent());
        Files.copy(ChildJvm.classesOf(type).resolve(file), copy);
        return directory.resolve("program");
    }

    /** What a user of the arena alone would write. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            FileArenaWriter writer = FileArenaWriter.temporary(0);
            Location bytes = writer.push(new byte[] {1, 2, 3});
            Location text = writer.push("text");
            try (FileArena arena = writer.intoArena();
                    RollingArenaWriter rolling = new RollingArenaWriter(ArenaOptions.defaults())) {
                rolling.push(new byte[100_000]);
                ByteBuffer buffer = ByteBuffer.allocate(3);
                arena.get(bytes, buffer);
                if (buffer.get(2) == 3 && arena.getString(text).equals("text")) {
                    System.out.println("read what was pushed");
                }
            }
        }
    }
}
