package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.blobarena.arena.ArenaContent.bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What writers hold is read before they are finished, whether it stands in a buffer or in a file. */
class RollingArenaReadTest {

    private static final int LIMIT = 5000;

    @TempDir
    Path directory;

    @Test
    void everythingPushedIsReadAtOnceAndAgainAfterManyRolls() throws IOException {
        Random random = new Random(1);
        List<Location> locations = new ArrayList<>();
        try (RollingArenaWriter writer = new RollingArenaWriter(options())) {
            for (int i = 0; i < 300; i++) {
                Location location = writer.push(bytes(i, random.nextInt(1500)));
                locations.add(location);
                assertThat(writer.get(location)).isEqualTo(bytes(i, (int) location.length()));
            }
            assertThat(writer.fileCount()).isGreaterThan(20);
            for (int i = 0; i < locations.size(); i++) {
                byte[] expected = bytes(i, (int) locations.get(i).length());
                Boolean same = writer.read(locations.get(i), bytes -> bytes.equals(ByteBuffer.wrap(expected)));
                assertThat(same).isTrue();
            }
        }
    }

    @Test
    void textIsPushedAndReadBeforeTheFileIsFinished() throws IOException {
        try (RollingArenaWriter writer = new RollingArenaWriter(options())) {
            Location first = writer.push("\u00e4 \u20ac \ud83d\ude00");
            Location second = writer.push(CharBuffer.wrap("and more"));
            Location third = writer.push("x".repeat(LIMIT));

            StringBuilder both = new StringBuilder();
            writer.appendTo(first, both);
            writer.appendToUnchecked(second, both);

            assertThat(both).hasToString("\u00e4 \u20ac \ud83d\ude00and more");
            assertThat(third).isEqualTo(new Location(1, 0, LIMIT));
            assertThat(writer.getString(third)).hasSize(LIMIT);
        }
    }

    @Test
    void textWithAnUnpairedSurrogateIsRefusedAndNothingPushed() throws IOException {
        try (RollingArenaWriter writer = new RollingArenaWriter(options())) {
            assertThatExceptionOfType(CharacterCodingException.class)
                    .isThrownBy(() -> writer.push("a\ud800".repeat(LIMIT)));

            assertThat(writer.push("next")).isEqualTo(new Location(0, 0, 4));
        }
    }

    @Test
    void locationThatWasNotPushedIsRefused() throws IOException {
        try (RollingArenaWriter writer = new RollingArenaWriter(options());
                FileArenaWriter single = FileArenaWriter.temporary(7, options())) {
            writer.push("four");
            single.push("four");

            for (Location location : List.of(new Location(0, 0, 5), new Location(1, 0, 0), new Location(7, 4, 1))) {
                assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> writer.get(location));
                assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> single.get(location));
            }
            assertThat(single.getString(new Location(7, 0, 4))).isEqualTo("four");
        }
    }

    @Test
    void finishedWriterReadsAsLongAsItsArenaIsOpen() throws IOException {
        RollingArenaWriter writer = new RollingArenaWriter(options());
        Location first = writer.push(bytes(1, 4000));
        Location second = writer.push(bytes(2, 4000));
        try (FileArena arena = writer.finish()) {
            writer.close();
            for (ReadableArena either : List.of(writer, arena)) {
                assertThat(either.get(first)).isEqualTo(bytes(1, 4000));
                assertThat(either.get(second)).isEqualTo(bytes(2, 4000));
            }
        }
        assertThatIllegalStateException().isThrownBy(() -> writer.get(second));
    }

    @Test
    void closedWriterRefusesReads() throws IOException {
        RollingArenaWriter writer = new RollingArenaWriter(options());
        Location first = writer.push(bytes(1, 4000));
        Location second = writer.push(bytes(2, 4000));

        writer.close();

        assertThatIllegalStateException().isThrownBy(() -> writer.get(first));
        assertThatIllegalStateException().isThrownBy(() -> writer.get(second));
    }

    @Test
    void readersOfOtherThreadsSeeEveryPushWhileFilesAreRolled() throws Exception {
        RollingArenaWriter writer = new RollingArenaWriter(options());
        Map<Location, Integer> seeds = new ConcurrentHashMap<>();
        AtomicInteger pushing = new AtomicInteger(2);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 2; thread++) {
                Random random = new Random(thread);
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 1500; i++) {
                        int seed = random.nextInt();
                        seeds.put(writer.push(bytes(seed, 1 + Math.floorMod(seed, 1500))), seed);
                    }
                    pushing.decrementAndGet();
                    return null;
                }));
                running.add(threads.submit(() -> {
                    ByteArrayBuilder reused = new ByteArrayBuilder();
                    boolean last;
                    do {
                        last = pushing.get() == 0;
                        for (Map.Entry<Location, Integer> pushed : seeds.entrySet()) {
                            reused.clear();
                            writer.appendTo(pushed.getKey(), reused);
                            int seed = pushed.getValue();
                            byte[] expected = bytes(seed, 1 + Math.floorMod(seed, 1500));
                            assertThat(Arrays.equals(reused.toByteArray(), expected))
                                    .isTrue();
                        }
                    } while (!last);
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(seeds).hasSize(3000);
        try (FileArena arena = writer.finish()) {
            assertThat(arena.fileCount()).isGreaterThan(300);
        }
    }

    private ArenaOptions options() {
        return ArenaOptions.builder()
                .temporaryDirectory(directory)
                .bufferBytes(512)
                .fileBytesMax(LIMIT)
                .build();
    }
}
