package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.blobarena.arena.ArenaContent.bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollingArenaWriterTest {

    private static final int LIMIT = 1000;

    @TempDir
    Path directory;

    @Test
    void pushThatFitsExactlyStaysAndOneByteMoreRollsFirst() throws IOException {
        try (RollingArenaWriter writer = new RollingArenaWriter(options())) {
            assertThat(writer.push(new byte[600])).isEqualTo(new Location(0, 0, 600));
            assertThat(writer.push(new byte[400])).isEqualTo(new Location(0, 600, 400));
            assertThat(writer.push(new byte[0])).isEqualTo(new Location(0, 1000, 0));
            assertThat(writer.fileCount()).isEqualTo(1);
            assertThat(writer.push(new byte[1])).isEqualTo(new Location(1, 0, 1));
            assertThat(writer.push(new byte[1000])).isEqualTo(new Location(2, 0, 1000));
            assertThat(writer.fileCount()).isEqualTo(3);
        }
    }

    @Test
    void pushLargerThanAFileIsRefusedWithoutRolling() throws IOException {
        try (RollingArenaWriter writer = new RollingArenaWriter(options())) {
            writer.push(new byte[10]);
            ByteBuffer tooLarge = ByteBuffer.allocate(LIMIT + 1);

            assertThatExceptionOfType(ArenaFullException.class)
                    .isThrownBy(() -> writer.push(tooLarge))
                    .withMessageContainingAll("1001", "1000");

            assertThat(tooLarge.position()).isZero();
            assertThat(writer.push(new byte[20])).isEqualTo(new Location(0, 10, 20));
            assertThat(writer.fileCount()).isEqualTo(1);
        }
    }

    @Test
    void randomPushesAreReadBackFromFilesThatNoneCrosses() throws IOException {
        Random random = new Random(1);
        Map<Location, byte[]> model = new HashMap<>();
        RollingArenaWriter writer = new RollingArenaWriter(options());
        long bytes = 0;
        for (int i = 0; i < 300; i++) {
            byte[] content = bytes(i, 1 + random.nextInt(random.nextInt(4) == 0 ? LIMIT : 60));
            bytes += content.length;
            model.put(writer.push(content), content);
        }
        long files = writer.fileCount();
        try (FileArena arena = writer.finish()) {
            assertThat(arena.fileCount()).isEqualTo((int) files).isGreaterThan(20);
            assertThat(arena.totalBytes()).isEqualTo(bytes);
            assertAllReadRight(arena, model);
        }
    }

    @Test
    void parallelPushersLoseNothingAndOverlapNowhere() throws Exception {
        RollingArenaWriter writer = new RollingArenaWriter(options());
        Map<Location, byte[]> model = new HashMap<>();
        long bytes = 0;
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Map<Location, byte[]>>> pushed = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int seed = thread * 1000;
                pushed.add(threads.submit(() -> {
                    Map<Location, byte[]> mine = new HashMap<>();
                    for (int i = 0; i < 250; i++) {
                        byte[] content = bytes(seed + i, 1 + (seed + i * 37) % 400);
                        mine.put(writer.push(content), content);
                    }
                    return mine;
                }));
            }
            for (Future<Map<Location, byte[]>> mine : pushed) {
                model.putAll(mine.get());
            }
        } finally {
            threads.shutdownNow();
        }
        for (byte[] content : model.values()) {
            bytes += content.length;
        }
        try (FileArena arena = writer.finish()) {
            assertThat(model).hasSize(1000);
            assertThat(arena.totalBytes()).isEqualTo(bytes);
            assertAllReadRight(arena, model);
        }
    }

    @Test
    void finishedWriterRefusesPushesThatFitAndPushesThatRoll() throws IOException {
        RollingArenaWriter writer = new RollingArenaWriter(options());
        Location location = writer.push(new byte[900]);
        try (FileArena arena = writer.finish()) {
            assertThatIllegalStateException().isThrownBy(() -> writer.push(new byte[1]));
            assertThatIllegalStateException().isThrownBy(() -> writer.push(new byte[500]));
            assertThatIllegalStateException().isThrownBy(writer::finish);
            writer.close();

            assertThat(arena.get(location)).hasSize(900);
        }
    }

    @Test
    void closedWriterRefusesEverything() throws IOException {
        RollingArenaWriter writer = new RollingArenaWriter(options());
        writer.push(new byte[900]);
        writer.push(new byte[900]);

        writer.close();
        writer.close();

        assertThatIllegalStateException().isThrownBy(() -> writer.push(new byte[1]));
        assertThatIllegalStateException().isThrownBy(() -> writer.push(new byte[500]));
        assertThatIllegalStateException().isThrownBy(writer::finish);
    }

    @Test
    void nextFileThatCannotBeMadeFailsThePushAndALaterOneRolls() throws IOException {
        Path temporary = Files.createDirectory(directory.resolve("temporary"));
        ArenaOptions options = ArenaOptions.builder()
                .temporaryDirectory(temporary)
                .fileBytesMax(LIMIT)
                .build();
        RollingArenaWriter writer = new RollingArenaWriter(options);
        Location first = writer.push(bytes(1, 900));
        Files.delete(temporary);
        ByteBuffer next = ByteBuffer.wrap(bytes(2, 900));

        assertThatIOException().isThrownBy(() -> writer.push(next));

        assertThat(next.position()).isZero();
        assertThat(writer.push(new byte[100])).isEqualTo(new Location(0, 900, 100));
        Files.createDirectory(temporary);
        Location second = writer.push(next);
        assertThat(second).isEqualTo(new Location(1, 0, 900));
        try (FileArena arena = writer.finish()) {
            assertThat(arena.get(first)).isEqualTo(bytes(1, 900));
            assertThat(arena.get(second)).isEqualTo(bytes(2, 900));
        }
    }

    private ArenaOptions options() {
        return ArenaOptions.builder()
                .temporaryDirectory(directory)
                .bufferBytes(512)
                .fileBytesMax(LIMIT)
                .build();
    }

    private static void assertAllReadRight(FileArena arena, Map<Location, byte[]> model) throws IOException {
        for (Map.Entry<Location, byte[]> entry : model.entrySet()) {
            assertThat(entry.getKey().end()).isLessThanOrEqualTo(LIMIT);
            assertThat(arena.get(entry.getKey())).isEqualTo(entry.getValue());
        }
    }
}
