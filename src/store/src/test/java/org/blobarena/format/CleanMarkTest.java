package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.blobarena.arena.Location;
import org.junit.jupiter.api.Test;

class CleanMarkTest {

    private static final String NAME = "index-000001.map";
    private static final CleanMark MARK = mark(NAME);

    @Test
    void markComesBackAsItWas() throws FormatException {
        assertThat(CleanMark.decode(MARK.encode())).isEqualTo(MARK);
    }

    @Test
    void markOfNoFilesComesBackAsItWas() throws FormatException {
        CleanMark empty = new CleanMark(new UUID(1, 2), 1, 1, "", 0, List.of());

        assertThat(CleanMark.decode(empty.encode())).isEqualTo(empty);
    }

    @Test
    void everyFlippedBitIsDetected() {
        assertThat(Flips.undetected(MARK.encode(), CleanMark::decode)).isEmpty();
    }

    @Test
    void everyShorterMarkIsCorrupt() {
        ByteBuffer bytes = MARK.encode();
        for (int length = 0; length < bytes.limit(); length++) {
            ByteBuffer shorter = Flips.copy(bytes).limit(length);
            assertThatThrownBy(() -> CleanMark.decode(shorter)).isInstanceOf(FormatException.class);
        }
    }

    @Test
    void bytesThatNothingUsesAreRejectedUnderTheRightChecksum() {
        for (int at = CleanMark.RESERVED_OFFSET; at < CleanMark.INDEX_NAME_OFFSET; at++) {
            assertRejected(MARK.encode().put(at, (byte) 1));
        }
        for (int at = CleanMark.INDEX_NAME_OFFSET + NAME.length(); at < CleanMark.HEADER_BYTES; at++) {
            assertRejected(MARK.encode().put(at, (byte) 1));
        }
    }

    @Test
    void sealedThatIsNeitherYesNorNoIsRejected() {
        assertRejected(MARK.encode().putInt(CleanMark.HEADER_BYTES + CleanMark.FILE_STATUS_OFFSET, 3));
    }

    @Test
    void countsAndLengthsThatDoNotFitAreRejected() {
        for (int count : new int[] {0, 1, 3, -1, Integer.MAX_VALUE}) {
            assertRejected(MARK.encode().putInt(CleanMark.FILE_COUNT_OFFSET, count));
        }
        for (int length : new int[] {-1, 65, Integer.MAX_VALUE}) {
            assertRejected(MARK.encode().putInt(CleanMark.INDEX_NAME_LENGTH_OFFSET, length));
        }
    }

    @Test
    void filesOutOfOrderAndNumbersThatAreUsedAreRejected() {
        int secondRow = CleanMark.HEADER_BYTES + CleanMark.FILE_BYTES;
        assertRejected(MARK.encode().putInt(secondRow + CleanMark.FILE_ID_OFFSET, 1));
        assertRejected(MARK.encode().putInt(secondRow + CleanMark.FILE_ID_OFFSET, 0));
        assertRejected(MARK.encode().putInt(CleanMark.NEXT_FILE_ID_OFFSET, -2));
        assertRejected(MARK.encode().putInt(CleanMark.NEXT_FILE_ID_OFFSET, 0));
        assertRejected(MARK.encode().putLong(CleanMark.NEXT_SEQUENCE_OFFSET, 1L << 55));
    }

    @Test
    void longestNameFitsAndNoLonger() throws FormatException {
        assertThat(CleanMark.decode(mark("n".repeat(64)).encode()).indexName()).hasSize(64);
        assertThatThrownBy(() -> mark("n".repeat(65)).encode())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("64");
    }

    private static void assertRejected(ByteBuffer bytes) {
        bytes.putInt(CleanMark.CHECKSUM_OFFSET, Checksums.of(bytes, CleanMark.STORE_ID_OFFSET, bytes.limit()));
        assertThatThrownBy(() -> CleanMark.decode(bytes)).isInstanceOf(FormatException.class);
    }

    private static CleanMark mark(String name) {
        long max = Location.UNSIGNED_MAX;
        return new CleanMark(
                new UUID(-1, 5),
                Limits.SEQUENCE_MAX,
                max,
                name,
                1L << 40,
                List.of(
                        new CleanMark.FileState(
                                1,
                                CleanMark.Status.SEALED,
                                (1L << 32) - 1,
                                99,
                                new ArenaFooter(
                                        new Location(1, max, 88),
                                        new Location(1, 0, 0),
                                        max,
                                        max,
                                        1L << 32,
                                        7,
                                        max - 1,
                                        max - 2,
                                        Long.MIN_VALUE,
                                        1,
                                        1L << 55)),
                        new CleanMark.FileState(
                                max - 1,
                                CleanMark.Status.ACTIVE,
                                64,
                                0,
                                new ArenaFooter(
                                        new Location(max - 1, 0, 0),
                                        new Location(max - 1, 0, 0),
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0))));
    }
}
