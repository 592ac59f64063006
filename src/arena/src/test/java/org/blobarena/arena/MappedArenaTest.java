package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are mapped once they are complete. */
class MappedArenaTest {

    private static final Path MAPPINGS = Path.of("/proc/self/maps");
    private static final int FILES = 6;
    private static final int BUDGET = 2;

    @TempDir
    Path temporary;

    private Path directory;
    private final DescriptorBudget budget = DescriptorBudget.of(BUDGET);
    private ArenaOptions options;
    private final List<Location> locations = new ArrayList<>();

    @BeforeEach
    void useMappings() throws IOException {
        directory = temporary.toRealPath();
        options = ArenaOptions.builder()
                .readMode(ReadMode.MAPPED)
                .descriptors(budget)
                .build();
    }

    private FileArena write() throws IOException {
        FileArenaBuilder builder = new FileArenaBuilder();
        for (int file = 0; file < FILES; file++) {
            FileArenaWriter writer = FileArenaWriter.create(directory.resolve("file" + file), file, options);
            for (int i = 0; i < 50; i++) {
                locations.add(writer.push(blob(locations.size())));
            }
            String name = "file" + file;
            assertThat(mapped()).as("while it is written").noneMatch(line -> line.endsWith(name));
            builder.add(writer);
        }
        return builder.build();
    }

    private static byte[] blob(int i) {
        byte[] blob = new byte[100 + i];
        new Random(i).nextBytes(blob);
        return blob;
    }

    private List<String> mapped() throws IOException {
        if (!Files.exists(MAPPINGS)) {
            return List.of();
        }
        try (Stream<String> lines = Files.lines(MAPPINGS)) {
            return lines.filter(line -> line.contains(directory.toString())).toList();
        }
    }

    @Test
    void completeFilesAreMappedWithinTheBudgetAndGiveWhatWasPushed() throws IOException {
        assumeThat(MAPPINGS).as("a list of mappings").exists();
        FileArena arena = write();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < locations.size(); i++) {
                assertThat(arena.get(locations.get(i))).isEqualTo(blob(i));
            }
            assertThat(mapped()).isNotEmpty().hasSizeLessThanOrEqualTo(BUDGET);
            assertThat(budget.open()).isLessThanOrEqualTo(BUDGET);
        }

        arena.close();
        assertThat(mapped()).isEmpty();
        assertThat(budget.open()).isZero();
        assertThatIllegalStateException().isThrownBy(() -> arena.get(locations.get(0)));
    }

    /** The budget makes one thread unmap what another has just read; a read of what is not mapped would end the JVM. */
    @Test
    void mappingsAreGivenUpBetweenReadsAndNeverUnderOne() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (FileArena arena = write()) {
            List<Callable<Void>> readers = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                Random random = new Random(t);
                readers.add(() -> {
                    for (int i = 0; i < 5000; i++) {
                        int which = random.nextInt(locations.size());
                        assertThat(arena.get(locations.get(which))).isEqualTo(blob(which));
                    }
                    return null;
                });
            }
            for (Future<Void> reader : threads.invokeAll(readers)) {
                assertThat(reader.get()).isNull();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(mapped()).isEmpty();
    }

    @Test
    void temporaryFilesAreReadByPosition() throws IOException {
        FileArenaWriter writer = FileArenaWriter.temporary(
                0,
                ArenaOptions.builder()
                        .readMode(ReadMode.MAPPED)
                        .temporaryDirectory(directory)
                        .build());
        Location location = writer.push(blob(1));
        try (FileArena arena = writer.intoArena()) {
            assertThat(arena.get(location)).isEqualTo(blob(1));
            assertThat(mapped()).isEmpty();
        }
    }
}
