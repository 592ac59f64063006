package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.blobarena.arena.internal.io.Scratch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UTF-8, above all where a piece that is read ends in the middle of a character. */
class FileArenaTextTest {

    private static final int PIECE = Scratch.BYTES;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80", // A continuation byte alone.
                "ff",
                "c080", // Overlong U+0000.
                "c1bf", // Overlong U+007F.
                "e09fbf", // Overlong U+07FF.
                "f08fbfbf", // Overlong U+FFFF.
                "eda080", // Surrogate U+D800.
                "edbfbf", // Surrogate U+DFFF.
                "eda0bdedb880", // A pair of surrogates, as CESU-8 has it.
                "f4908080", // Above U+10FFFF.
                "f8888080", // Five bytes.
                "c3", // Cut off after 1 of 2,
                "e282", // 2 of 3,
                "f09f98", // 3 of 4.
                "c328", // Without its continuation byte.
                "e28228",
                "f09f9828"
            })
    void malformedTextIsRejectedWhereverItStandsAndTheBuilderUnchanged(String hex) throws IOException {
        byte[] malformed = HexFormat.of().parseHex(hex);
        for (int before : new int[] {0, 5, PIECE - 3, PIECE - 2, PIECE - 1, PIECE, 2 * PIECE - 1}) {
            for (int after : new int[] {0, 10}) {
                byte[] bytes = new byte[before + malformed.length + after];
                Arrays.fill(bytes, (byte) 'a');
                System.arraycopy(malformed, 0, bytes, before, malformed.length);
                FileArenaWriter writer = writer();
                Location location = writer.push(bytes);
                try (FileArena arena = writer.intoArena()) {
                    StringBuilder target = new StringBuilder("before");

                    assertThatExceptionOfType(CharacterCodingException.class)
                            .isThrownBy(() -> arena.appendTo(location, target));
                    assertThatExceptionOfType(CharacterCodingException.class)
                            .isThrownBy(() -> arena.getString(location));

                    assertThat(target).hasToString("before");
                    assertThat(arena.getStringUnchecked(location))
                            .isEqualTo(new String(bytes, StandardCharsets.UTF_8))
                            .contains("\ufffd");
                    arena.appendToUnchecked(location, target);
                    assertThat(target.toString().equals("before" + new String(bytes, StandardCharsets.UTF_8)))
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u007f",
                "\u0080",
                "\u07ff",
                "\u0800",
                "\ud7ff",
                "\ue000",
                "\ufffd",
                "\uffff",
                "\ud800\udc00",
                "\ud83d\ude00",
                "\udbff\udfff"
            })
    void characterOfAnyWidthAroundAPieceBoundaryIsReadBack(String character) throws IOException {
        int width = character.getBytes(StandardCharsets.UTF_8).length;
        for (int before = PIECE - width - 1; before <= PIECE + 1; before++) {
            String text = "a".repeat(before) + character + "b";
            FileArenaWriter writer = writer();
            Location location = writer.push(text);
            try (FileArena arena = writer.intoArena()) {
                assertThat(arena.getString(location).equals(text))
                        .as("%d bytes before", before)
                        .isTrue();
                assertThat(arena.getStringUnchecked(location).equals(text)).isTrue();
            }
        }
    }

    /** Also where a piece that is read or decoded ends inside of what is malformed. */
    @Test
    void randomBytesAppendedUncheckedAreWhatTheJdkMakesOfThem() throws IOException {
        Random random = new Random(1);
        byte[] alphabet = HexFormat.of().parseHex("617fc3a4e282acf09f9880ffc0eda080f4908080e2f0");
        for (int round = 0; round < 50; round++) {
            byte[] bytes = new byte[random.nextInt(3 * PIECE)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] =
                        random.nextInt(50) == 0 ? (byte) random.nextInt() : alphabet[random.nextInt(alphabet.length)];
            }
            FileArenaWriter writer = writer();
            Location location = writer.push(bytes);
            try (FileArena arena = writer.intoArena()) {
                StringBuilder target = new StringBuilder();

                arena.appendToUnchecked(location, target);

                assertThat(target.toString().equals(new String(bytes, StandardCharsets.UTF_8)))
                        .as("round %d", round)
                        .isTrue();
            }
        }
    }

    @Test
    void longTextOfWideCharactersIsAppendedBehindWhatIsThere() throws IOException {
        String text = "\ud83d\ude00\u20ac\u00e4z".repeat(30_000);
        FileArenaWriter writer = writer();
        writer.push("not this");
        Location location = writer.push(text);
        writer.push("nor this");
        try (FileArena arena = writer.intoArena()) {
            StringBuilder target = new StringBuilder("before ");

            arena.appendTo(location, target);
            arena.appendTo(new Location(0, 4, 4), target);

            assertThat(target.toString().equals("before " + text + "this")).isTrue();
        }
    }

    @Test
    void emptyTextAppendsNothing() throws IOException {
        FileArenaWriter writer = writer();
        Location location = writer.push("");
        try (FileArena arena = writer.intoArena()) {
            StringBuilder target = new StringBuilder("before");

            arena.appendTo(location, target);

            assertThat(target).hasToString("before");
            assertThat(location.length()).isZero();
        }
    }

    @Test
    void partOfATextThatSplitsACharacterIsRejectedAtBothEnds() throws IOException {
        FileArenaWriter writer = writer();
        writer.push("a\u20acb");
        try (FileArena arena = writer.intoArena()) {
            assertThat(arena.getString(new Location(0, 1, 3))).isEqualTo("\u20ac");
            assertThatExceptionOfType(CharacterCodingException.class)
                    .isThrownBy(() -> arena.getString(new Location(0, 0, 3)));
            assertThatExceptionOfType(CharacterCodingException.class)
                    .isThrownBy(() -> arena.getString(new Location(0, 2, 3)));
        }
    }

    private FileArenaWriter writer() throws IOException {
        return FileArenaWriter.temporary(
                0, ArenaOptions.builder().temporaryDirectory(directory).build());
    }
}
