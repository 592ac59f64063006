package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A temporary file takes one descriptor, and that is in the budget. */
class TemporaryDescriptorTest {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    @TempDir
    Path directory;

    private final DescriptorBudget budget = DescriptorBudget.of(3);
    private ArenaOptions options;

    @BeforeEach
    void useTheBudget() {
        options = ArenaOptions.builder()
                .temporaryDirectory(directory)
                .descriptors(budget)
                .fileBytesMax(1000)
                .build();
    }

    @Test
    void budgetCountsATemporaryFileFromItsMakingToItsClosing() throws IOException {
        FileArenaWriter writer = FileArenaWriter.temporary(0, options);
        FileArenaWriter abandoned = FileArenaWriter.temporary(1, options);
        assertThat(budget.open()).isEqualTo(2);

        abandoned.close();
        abandoned.close();
        assertThat(budget.open()).isEqualTo(1);
        Location location = writer.push(new byte[1000]);
        FileArena arena = writer.intoArena();
        arena.get(location);
        assertThat(budget.open()).isEqualTo(1);

        arena.close();
        arena.close();
        assertThat(budget.open()).isZero();
    }

    @Test
    void rollingWriterCountsWithEachOfItsFilesAlsoBeyondTheBound() throws IOException {
        RollingArenaWriter writer = new RollingArenaWriter(options);
        List<Location> locations = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            locations.add(writer.push(new byte[1000]));
        }
        assertThat(budget.open()).isEqualTo(5);

        try (FileArena arena = writer.finish()) {
            for (Location location : locations) {
                assertThat(arena.get(location)).hasSize(1000);
            }
            assertThat(budget.open()).isEqualTo(5);
        }
        assertThat(budget.open()).isZero();
    }

    @Test
    void filesAtAPathAreClosedForTemporaryOnesAndTheseNever() throws IOException {
        List<FileArena> named = new ArrayList<>();
        Location location = new Location(0, 0, 4);
        for (int i = 0; i < 3; i++) {
            FileArenaWriter writer = FileArenaWriter.create(directory.resolve("named" + i), 0, options);
            writer.push("text");
            named.add(writer.intoArena());
            assertThat(named.get(i).getString(location)).isEqualTo("text");
        }
        assertThat(budget.open()).isEqualTo(3);

        FileArenaWriter temporary = FileArenaWriter.temporary(0, options);
        FileArenaWriter another = FileArenaWriter.temporary(0, options);
        temporary.push("text");

        assertThat(budget.open()).isEqualTo(3);
        for (FileArena arena : named) {
            assertThat(arena.getString(location)).isEqualTo("text"); // Opened again, and another closed for it.
            assertThat(budget.open()).isEqualTo(3);
        }
        assertThat(temporary.getString(location)).isEqualTo("text");
        for (FileArena arena : named) {
            arena.close();
        }
        assertThat(budget.open()).isEqualTo(2);
        temporary.close();
        another.close();
        assertThat(budget.open()).isZero();
    }

    @Test
    void fileThatCannotBeMadeIsNotCounted() {
        ArenaOptions missing = ArenaOptions.builder()
                .temporaryDirectory(directory.resolve("missing"))
                .descriptors(budget)
                .build();

        assertThatIOException().isThrownBy(() -> FileArenaWriter.temporary(0, missing));

        assertThat(budget.open()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void systemCountsOneDescriptorForEachTemporaryFile(boolean accessToChannels) throws Exception {
        assumeThat(DESCRIPTORS).isDirectory();
        List<String> flags = accessToChannels ? List.of(ChildJvm.OPEN_CHANNELS) : List.of();
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        try (ChildJvm child = ChildJvm.start(flags, Program.class, scratch)) {
            assertThat(child.awaitEnd()).containsExactly("10 10", "10 10", "0 0");
        }
    }

    /** Prints, while ten files are written, while they are read, and after they are closed: descriptors and budget. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]).toRealPath();
            ArenaOptions options = ArenaOptions.builder()
                    .temporaryDirectory(directory)
                    .bufferBytes(512)
                    .fileBytesMax(2000)
                    .build();
            try (RollingArenaWriter writer = new RollingArenaWriter(options)) {
                for (int i = 0; i < 10; i++) {
                    writer.push(new byte[1500]);
                }
                print(directory, options);
                try (FileArena arena = writer.finish()) {
                    for (int i = 0; i < 10; i++) {
                        arena.get(new Location(i, 0, 1500));
                    }
                    print(directory, options);
                }
            }
            print(directory, options);
        }

        private static void print(Path directory, ArenaOptions options) throws IOException {
            long open = 0;
            try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
                for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
                    try {
                        if (Files.readSymbolicLink(descriptor).startsWith(directory)) {
                            open++;
                        }
                    } catch (NoSuchFileException e) {
                        // That of the list itself.
                    }
                }
            }
            System.out.println(open + " " + options.descriptors().open());
        }
    }
}
