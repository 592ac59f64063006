package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.arena.internal.io.ChannelCache;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.store.internal.core.FileContent;
import org.blobarena.store.internal.core.StoreFile;
import org.junit.jupiter.api.Test;

/** The records of one file, and what stands between them. */
class FileScannerTest {

    private final ArenaImage image = new ArenaImage();

    @Test
    void fileWithoutRecordsHasNone() throws Exception {
        FileScanner scanner = new FileScanner(image.file());

        assertThat(scanner.next()).isFalse();
        assertThat(scanner.damageBefore()).isNull();
    }

    @Test
    void recordsComeInTheOrderOfTheFileWithAllTheySay() throws Exception {
        int first = image.value(1, key(1), new byte[10]);
        int second = image.append(RecordType.TOMBSTONE, 2, key(2), ByteBuffer.allocate(0));
        FileScanner scanner = new FileScanner(image.file());

        assertThat(scanner.next()).isTrue();
        assertThat(scanner.offset()).isEqualTo(first);
        assertThat(scanner.end()).isEqualTo(second);
        assertThat(scanner.key()).isEqualTo(key(1));
        assertThat(scanner.verifyPayload()).isNull();
        assertThat(scanner.next()).isTrue();
        assertThat(scanner.header().type()).isEqualTo(RecordType.TOMBSTONE);
        assertThat(scanner.entry(image.hasher.hash(scanner.key())).sequence()).isEqualTo(2);
        assertThat(scanner.entry(image.hasher.hash(scanner.key())).offset()).isEqualTo(second);
        assertThat(scanner.next()).isFalse();
        assertThat(scanner.damageBefore()).isNull();
    }

    @Test
    void recordsLongerThanTheWindowAreVerifiedAndPassed() throws Exception {
        for (int i = 1; i <= 5; i++) {
            image.value(i, key(i), blob(40_000 + i));
        }
        int last = image.value(6, new byte[65_535], blob(60_000));
        FileScanner scanner = new FileScanner(image.file());
        for (int i = 1; i <= 6; i++) {
            assertThat(scanner.next()).isTrue();
            assertThat(scanner.header().sequence()).isEqualTo(i);
            assertThat(scanner.verifyPayload()).isNull();
        }

        assertThat(scanner.offset()).isEqualTo(last);
        assertThat(scanner.next()).isFalse();
    }

    @Test
    void damagedPayloadIsToldAndTheNextRecordFound() throws Exception {
        image.value(1, key(1), blob(100));
        image.flip(image.length() - 1);
        image.value(2, key(2), blob(100));
        FileScanner scanner = new FileScanner(image.file());

        assertThat(scanner.next()).isTrue();
        assertThat(scanner.verifyPayload()).contains("payload checksum");
        assertThat(scanner.key()).isEqualTo(key(1));
        assertThat(scanner.next()).isTrue();
        assertThat(scanner.damageBefore()).isNull();
        assertThat(scanner.verifyPayload()).isNull();
    }

    @Test
    void damagedHeadersArePassedOverAndToldOnce() throws Exception {
        image.value(1, key(1), blob(100));
        int second = image.value(2, key(2), blob(300_000));
        int third = image.value(3, key(3), blob(300_000));
        int fourth = image.value(4, key(4), blob(100));
        image.flip(second + RecordHeader.BYTES - 1);
        image.flip(third);

        FileScanner scanner = new FileScanner(image.file());
        assertThat(scanner.next()).isTrue();
        assertThat(scanner.next()).isTrue();
        assertThat(scanner.offset()).isEqualTo(fourth);
        assertThat(scanner.header().sequence()).isEqualTo(4);
        assertThat(scanner.damageBefore()).isNotNull().satisfies(damage -> {
            assertThat(damage.start()).isEqualTo(second);
            assertThat(damage.end()).isEqualTo(fourth);
            assertThat(damage.problem()).contains("record header checksum");
        });
        assertThat(scanner.next()).isFalse();
        assertThat(scanner.damageBefore()).isNull();
    }

    @Test
    void nextRecordIsFoundBehindDamageOfAnyLength() throws Exception {
        for (int length = 0; length < 100; length++) {
            ArenaImage longer = new ArenaImage();
            longer.append(ByteBuffer.wrap(blob(FileWindow.BYTES - 50 + length)));
            int offset = longer.value(1, key(1), blob(10));
            FileScanner scanner = new FileScanner(longer.file());

            assertThat(scanner.next()).as("behind " + length).isTrue();
            assertThat(scanner.offset()).isEqualTo(offset);
        }
    }

    @Test
    void tailThatIsNoRecordIsTold() throws Exception {
        image.value(1, key(1), blob(100));
        int end = image.length();
        image.append(ByteBuffer.allocate(500));
        FileScanner scanner = new FileScanner(image.file());

        assertThat(scanner.next()).isTrue();
        assertThat(scanner.next()).isFalse();
        assertThat(scanner.damageBefore()).isNotNull().satisfies(damage -> {
            assertThat(damage.start()).isEqualTo(end);
            assertThat(damage.end()).isEqualTo(end + 500);
        });
        assertThat(scanner.next()).isFalse();
        assertThat(scanner.damageBefore()).isNull();
    }

    @Test
    void recordThatIsCutIsATail() throws Exception {
        int first = image.value(1, key(1), blob(100));
        int second = image.value(2, key(2), blob(100));
        int end = image.length();
        byte[] whole = image.copy(0, end);
        for (int length = second + 1; length < end; length++) {
            ArenaImage cut = new ArenaImage();
            cut.append(ByteBuffer.wrap(whole, ArenaHeader.BYTES, length - ArenaHeader.BYTES));
            List<Long> offsets = new ArrayList<>();
            FileScanner scanner = new FileScanner(cut.file());
            while (scanner.next()) {
                offsets.add(scanner.offset());
            }

            assertThat(offsets).as("cut at " + length).containsExactly((long) first);
            assertThat(scanner.damageBefore()).isNotNull();
        }
    }

    @Test
    void copyOfARecordInsideAPayloadIsNone() throws Exception {
        int first = image.value(1, key(1), blob(100));
        byte[] copied = image.copy(first, image.length());
        int second = image.value(2, key(2), copied);
        image.flip(second + RecordHeader.SALT_OFFSET);
        int third = image.value(3, key(3), blob(10));
        FileScanner scanner = new FileScanner(image.file());

        assertThat(scanner.next()).isTrue();
        assertThat(scanner.next()).isTrue();
        assertThat(scanner.offset()).isEqualTo(third);
    }

    @Test
    void indexBlockTellsItsEntriesOnceItIsVerified() throws Exception {
        IndexBlock block = IndexBlock.empty();
        IndexBlock.Entry entry = new IndexBlock.Entry(1, 2, RecordType.VALUE, 3, ArenaHeader.BYTES, 40);
        block.add(entry);
        image.append(RecordType.INDEX_BLOCK, 0, new byte[0], block.encode(new Location(ArenaImage.FILE_ID, 0, 0)));
        FileScanner scanner = new FileScanner(image.file());

        assertThat(scanner.next()).isTrue();
        assertThat(scanner.verifyPayload()).isNull();
        assertThat(scanner.indexBlock().count()).isEqualTo(1);
        assertThat(scanner.indexBlock().entry(0)).isEqualTo(entry);
    }

    @Test
    void indexBlockOfImpossibleLengthIsDamageBeforeItTakesMemory() throws Exception {
        int tooLong = IndexBlock.PAYLOAD_BYTES_MAX + 1;
        image.append(RecordType.INDEX_BLOCK, 0, new byte[0], ByteBuffer.allocate(tooLong));
        FileScanner scanner = new FileScanner(image.file());

        assertThat(scanner.next()).isTrue();
        assertThat(scanner.verifyPayload()).contains("payload length: expected at most " + (tooLong - 1));
    }

    @Test
    void recordThatIsStillBeingWrittenIsNotReached() throws Exception {
        image.value(1, key(1), blob(100));
        int second = image.value(2, key(2), blob(100));
        StoreFile file = image.file();
        file.unfinished().begin(second);
        FileScanner scanner = new FileScanner(file);

        assertThat(scanner.next()).isTrue();
        assertThat(scanner.next()).isFalse();
        assertThat(scanner.damageBefore()).isNull();
    }

    @Test
    void fileThatHasBecomeShorterIsAFailureAndNoDamage() throws Exception {
        image.value(1, key(1), blob(1000));
        FaultyDirectory directory = new FaultyDirectory(new DiskImage(Map.of("file", image.copy(0, 200))));
        ReadableFile arena =
                ReadableFile.existing(ArenaImage.FILE_ID, directory, "file", image.length(), new ChannelCache(2));
        StoreFile file = new StoreFile(
                arena, new StoreFile.Origin(image.salt(), 1), FileContent.none(ArenaImage.FILE_ID), false);

        assertThatThrownBy(() -> new FileScanner(file).next()).isInstanceOf(EOFException.class);
    }

    private static byte[] key(int number) {
        return new byte[] {'k', (byte) number};
    }

    private static byte[] blob(int bytes) {
        byte[] blob = new byte[bytes];
        Arrays.fill(blob, (byte) 9);
        return blob;
    }
}
