package org.blobarena.infinispan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentKeysTest {

    private static final int SEGMENTS = 5;

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("keys");
    }

    @Test
    void keysOfEachSegmentAreListedAcrossPages() throws IOException {
        try (SegmentKeys keys = SegmentKeys.create(file, SEGMENTS)) {
            addSome(keys, 3000);
            for (int segment = 0; segment < SEGMENTS; segment++) {
                assertThat(texts(keys, segment)).isEqualTo(expected(segment, 3000));
                assertThat(keys.listed(segment)).isEqualTo(600);
            }
        }
    }

    @Test
    void longAndEmptyKeysAreListed() throws IOException {
        byte[] longest = "x".repeat(65_531).getBytes(StandardCharsets.UTF_8);
        try (SegmentKeys keys = SegmentKeys.create(file, SEGMENTS)) {
            keys.add(1, new byte[0]);
            keys.add(1, longest);
            keys.add(1, new byte[] {7});
            assertThat(keys.keys(1)).containsExactly(new byte[0], longest, new byte[] {7});
        }
    }

    @Test
    void replacedKeysGiveTheirPagesBack() throws IOException {
        try (SegmentKeys keys = SegmentKeys.create(file, SEGMENTS)) {
            addSome(keys, 3000);
            long bytes = Files.size(file);
            for (int round = 0; round < 20; round++) {
                for (int segment = 0; segment < SEGMENTS; segment++) {
                    keys.replace(segment, List.of(new byte[] {1, 2}));
                }
                assertThat(keys.keys(3)).containsExactly(new byte[] {1, 2});
                addSome(keys, 2500);
            }
            assertThat(Files.size(file)).isLessThan(bytes + 2 * SEGMENTS * SegmentKeys.PAGE_BYTES);
        }
    }

    @Test
    void savedKeysAreThereAgainAndGoOn() throws IOException {
        ByteBuffer saved;
        try (SegmentKeys keys = SegmentKeys.create(file, SEGMENTS)) {
            addSome(keys, 3000);
            keys.replace(2, List.of());
            saved = keys.save();
        }
        try (SegmentKeys keys = SegmentKeys.open(file, SEGMENTS, saved)) {
            assertThat(keys).isNotNull();
            assertThat(texts(keys, 2)).isEmpty();
            assertThat(texts(keys, 4)).isEqualTo(expected(4, 3000));
            long bytes = Files.size(file);
            keys.add(2, new byte[] {1});
            keys.add(4, new byte[] {'y'});
            assertThat(keys.keys(2)).containsExactly(new byte[] {1});
            assertThat(texts(keys, 4)).hasSize(601).endsWith("y");
            assertThat(Files.size(file)).isEqualTo(bytes);
        }
    }

    @Test
    void fileThatHasChangedIsNotBelieved() throws IOException {
        ByteBuffer saved;
        try (SegmentKeys keys = SegmentKeys.create(file, SEGMENTS)) {
            addSome(keys, 3000);
            saved = keys.save();
        }
        long length = Files.size(file);
        for (long position = 0; position < length; position += 997) {
            try (RandomAccessFile changed = new RandomAccessFile(file.toFile(), "rw")) {
                changed.seek(position);
                int before = changed.read();
                changed.seek(position);
                changed.write(before ^ 1);
                assertThat(SegmentKeys.open(file, SEGMENTS, saved.duplicate()))
                        .as("byte " + position)
                        .isNull();
                changed.seek(position);
                changed.write(before);
            }
        }
        assertThat(SegmentKeys.open(file, SEGMENTS + 1, saved.duplicate())).isNull();
        SegmentKeys.open(file, SEGMENTS, saved).close();
    }

    private static void addSome(SegmentKeys keys, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            keys.add(i % SEGMENTS, text(i).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String text(int number) {
        return "key-" + number + "x".repeat(number % 90);
    }

    private static List<String> expected(int segment, int count) {
        List<String> texts = new ArrayList<>();
        for (int i = segment; i < count; i += SEGMENTS) {
            texts.add(text(i));
        }
        return texts;
    }

    private static List<String> texts(SegmentKeys keys, int segment) throws IOException {
        return keys.keys(segment).stream()
                .map(key -> new String(key, StandardCharsets.UTF_8))
                .toList();
    }
}
