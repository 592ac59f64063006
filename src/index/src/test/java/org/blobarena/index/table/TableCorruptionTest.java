package org.blobarena.index.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.blobarena.arena.Location;
import org.blobarena.index.DamagedIndexException;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are not as they were written, by accident or on purpose. */
class TableCorruptionTest {

    private static final int KEYS = 3_000;
    private static final int HEADER_BYTES = TableLayout.HEADER_BYTES;
    private static final int KEYS_OFFSET = 24;
    private static final int BLOCKS_OFFSET = 32;
    private static final int HEADER_END = 48;
    private static final int LIST_CHECKSUM_OFFSET = 44;
    private static final int SEGMENT_CHECKSUM_OFFSET = 8;

    private final LocationIndexFactory factory = new TableIndexFactory();

    @TempDir
    Path files;

    private Path file;
    private byte[] sealed;
    private int listOffset;

    @BeforeEach
    void seal() throws IOException {
        // More segments than two, so that there are bits by which an entry belongs to one.
        LocationIndex index = factory.create(files, 20_000);
        for (int number = 0; number < KEYS; number++) {
            index.put(key(number), location(number, 1));
        }
        file = files.resolve(index.closeForReopening());
        sealed = Files.readAllBytes(file);
        int blocks = littleEndian(sealed).getInt(BLOCKS_OFFSET);
        listOffset = HEADER_BYTES + blocks * TableLayout.BLOCK_BYTES;
    }

    @Test
    void everyChangedByteOfTheHeaderAndTheListIsRefused() throws IOException {
        for (int i = 0; i < HEADER_BYTES + sealed.length - listOffset; i++) {
            int at = i < HEADER_BYTES ? i : listOffset + i - HEADER_BYTES;
            byte[] changed = sealed.clone();
            changed[at] ^= 0x10;
            writeSeal(changed);
            assertThatThrownBy(() -> factory.open(files, name(), KEYS))
                    .as("byte " + at)
                    .isInstanceOf(IOException.class);
        }
        writeSeal(sealed);
        assertThat(Files.readAllBytes(file)).isEqualTo(sealed);
        factory.open(files, name(), KEYS).close();
    }

    @Test
    void changedByteOfABlockFailsItsSegmentAloneAndTheCloseForReopening() throws IOException {
        for (int at = HEADER_BYTES; at < listOffset; at += 9_973) {
            byte[] changed = sealed.clone();
            changed[at] ^= 0x10;
            Files.write(file, changed);
            LocationIndex index = factory.open(files, name(), KEYS);
            int damaged = countDamagedAndCheckTheOthers(index);
            assertThat(damaged).as("byte " + at).isPositive().isLessThan(KEYS);
            assertThatThrownBy(index::closeForReopening).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> factory.open(files, name(), KEYS)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void damageThatNobodyHasMetIsKeptAndFoundLater() throws IOException {
        byte[] changed = sealed.clone();
        changed[HEADER_BYTES + 5] ^= 1;
        Files.write(file, changed);
        String name = factory.open(files, name(), KEYS).closeForReopening();
        try (LocationIndex index = factory.open(files, name, KEYS)) {
            assertThat(countDamagedAndCheckTheOthers(index)).isPositive();
            assertThatThrownBy(() -> {
                        try (LocationIndex.Cursor cursor = index.cursor()) {
                            while (cursor.next((key, location) -> {})) {
                                // Up to the damage.
                            }
                        }
                    })
                    .isInstanceOf(DamagedIndexException.class)
                    .hasMessageContaining(name);
        }
    }

    @Test
    void forgedNumbersUnderRightChecksumsAreFoundBeforeTheyAreBelieved() throws IOException {
        int[] numbers = {-1, 0, 1, 2, 7, 8, 25, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 20};
        for (int at = 0; at < sealed.length; at += at == HEADER_END - 4 ? listOffset - at : 4) {
            for (int number : numbers) {
                for (boolean added : new boolean[] {false, true}) {
                    byte[] forged = sealed.clone();
                    ByteBuffer bytes = littleEndian(forged);
                    int before = bytes.getInt(at);
                    bytes.putInt(at, added ? before + number : number);
                    if (at != LIST_CHECKSUM_OFFSET) {
                        bytes.putInt(LIST_CHECKSUM_OFFSET, checksum(forged, listOffset, forged.length));
                    }
                    bytes.putInt(HEADER_END, checksum(forged, 0, HEADER_END));
                    if (!Arrays.equals(forged, sealed)) {
                        writeSeal(forged);
                        assertFound("number " + number + " at " + at);
                    }
                }
            }
        }
    }

    /** Entries that stand where nobody looks for them, or belong to another segment. */
    @Test
    void forgedEntriesUnderRightChecksumsAreFound() throws IOException {
        for (int block = 0; block < (listOffset - HEADER_BYTES) / TableLayout.BLOCK_BYTES; block++) {
            int start = HEADER_BYTES + block * TableLayout.BLOCK_BYTES;
            for (int group = 0; group < TableLayout.BLOCK_GROUPS; group += 21) {
                int first = start + group * TableLayout.GROUP_BYTES;
                int entry = first + TableLayout.GROUP_FINGERPRINTS_BYTES;
                for (int fingerprint : new int[] {0, 1, -1}) {
                    assertForgedByteIsFound(first, fingerprint);
                }
                assertForgedByteIsFound(first + TableLayout.GROUP_SLOTS - 1, 1);
                // What says the segment, and what says the fingerprint.
                assertForgedByteIsFound(entry + TableLayout.ENTRY_HIGH_OFFSET + 7, 0x80);
                assertForgedByteIsFound(entry + TableLayout.ENTRY_LOW_OFFSET, 0x55);
            }
        }
    }

    /** @param value of a fingerprint; of the bytes of an entry that is there the bits to change */
    private void assertForgedByteIsFound(int at, int value) throws IOException {
        byte[] forged = sealed.clone();
        ByteBuffer bytes = littleEndian(forged);
        int inGroup = (at - HEADER_BYTES) % TableLayout.GROUP_BYTES;
        boolean isFingerprint = inGroup < TableLayout.GROUP_FINGERPRINTS_BYTES;
        boolean inUse = bytes.get(at - inGroup) != 0;
        byte changed = (byte) (isFingerprint ? value : bytes.get(at) ^ value);
        if (changed == bytes.get(at) || (!inUse && !isFingerprint)) {
            return;
        }
        bytes.put(at, changed);
        int entry = listOffset;
        while (entry < forged.length) {
            int count = bytes.getInt(entry + 12);
            CRC32C checksum = new CRC32C();
            for (int i = 0; i < count; i++) {
                int block = bytes.getInt(entry + 16 + 4 * i);
                checksum.update(forged, HEADER_BYTES + block * TableLayout.BLOCK_BYTES, TableLayout.BLOCK_BYTES);
            }
            bytes.putInt(entry + SEGMENT_CHECKSUM_OFFSET, (int) checksum.getValue());
            entry += 16 + 4 * count;
        }
        bytes.putInt(LIST_CHECKSUM_OFFSET, checksum(forged, listOffset, forged.length));
        bytes.putInt(HEADER_END, checksum(forged, 0, HEADER_END));
        Files.write(file, forged);
        assertFound("entry at " + at);
    }

    @Test
    void fileOfAnotherLengthIsRefused() throws IOException {
        for (int length :
                new int[] {0, 1, HEADER_BYTES - 1, HEADER_BYTES, listOffset, sealed.length - 1, sealed.length + 1}) {
            assertRefused(Arrays.copyOf(sealed, length), "length " + length);
        }
    }

    @Test
    void fileUnderAnotherNameIsRefused() throws IOException {
        String other = "index-0123456789abcdef.table";
        Files.move(file, files.resolve(other));
        assertThatThrownBy(() -> factory.open(files, other, KEYS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("another file's");
    }

    /** As when somebody puts an old copy back. */
    @Test
    void fileOfAnEarlierCloseIsRefused(@TempDir Path elsewhere) throws IOException {
        Path copy = Files.copy(file, elsewhere.resolve("copy"));
        String former = name();
        String name;
        LocationIndex index = factory.open(files, former, KEYS);
        index.put(key(0), location(0, 2));
        name = index.closeForReopening();
        for (String as : new String[] {former, name}) {
            Files.copy(copy, files.resolve(as), StandardCopyOption.REPLACE_EXISTING);
        }
        assertThatThrownBy(() -> factory.open(files, name, KEYS)).isInstanceOf(IOException.class);
    }

    /** A list that is one big hole, of a table that would need as much memory as there is. */
    @Test
    void forgedSizesAreNotAllocated() throws IOException {
        byte[] forged = Arrays.copyOf(sealed, HEADER_BYTES);
        ByteBuffer bytes = littleEndian(forged);
        int blocks = bytes.getInt(BLOCKS_OFFSET);
        int listBytes = Integer.MAX_VALUE - 8;
        bytes.putInt(BLOCKS_OFFSET + 8, listBytes);
        bytes.putInt(HEADER_END, checksum(forged, 0, HEADER_END));
        try (RandomAccessFile target = new RandomAccessFile(file.toFile(), "rw")) {
            target.write(forged);
            target.setLength(TableLayout.fileOffset(blocks) + listBytes);
        }
        assertThatThrownBy(() -> factory.open(files, name(), KEYS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("do not make its length");
    }

    /** The last bit of the directory would be told by two segments alone. */
    @Test
    void forgedDepthIsRefused() throws IOException {
        ByteBuffer list = ByteBuffer.allocate((TableLayout.DEPTH_MAX + 1) * (16 + 4 * TableLayout.SEGMENT_BLOCKS_MIN))
                .order(ByteOrder.LITTLE_ENDIAN);
        int segments = TableLayout.DEPTH_MAX + 1;
        for (int segment = 0; segment < segments; segment++) {
            int depth = segment == 0 ? TableLayout.DEPTH_MAX : TableLayout.DEPTH_MAX + 1 - segment;
            list.putInt(depth).putInt(0).putInt(0).putInt(TableLayout.SEGMENT_BLOCKS_MIN);
            for (int i = 0; i < TableLayout.SEGMENT_BLOCKS_MIN; i++) {
                list.putInt(segment * TableLayout.SEGMENT_BLOCKS_MIN + i);
            }
        }
        int blocks = segments * TableLayout.SEGMENT_BLOCKS_MIN;
        byte[] header = Arrays.copyOf(sealed, HEADER_BYTES);
        littleEndian(header)
                .putLong(KEYS_OFFSET, 0)
                .putInt(BLOCKS_OFFSET, blocks)
                .putInt(BLOCKS_OFFSET + 4, segments)
                .putInt(BLOCKS_OFFSET + 8, list.limit())
                .putInt(LIST_CHECKSUM_OFFSET, checksum(list.array(), 0, list.limit()));
        littleEndian(header).putInt(HEADER_END, checksum(header, 0, HEADER_END));
        try (RandomAccessFile target = new RandomAccessFile(file.toFile(), "rw")) {
            target.setLength(0);
            target.write(header);
            target.seek(TableLayout.fileOffset(blocks));
            target.write(list.array());
        }
        assertThatThrownBy(() -> factory.open(files, name(), 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("depth");
    }

    /** In an open index: nobody touches what is mapped and gone. */
    @Test
    void fileThatIsCutBeforeASegmentIsFirstUsedIsDamaged() throws IOException {
        try (LocationIndex index = factory.open(files, name(), KEYS)) {
            try (RandomAccessFile target = new RandomAccessFile(file.toFile(), "rw")) {
                target.setLength(HEADER_BYTES);
            }
            for (int number = 0; number < KEYS; number++) {
                int each = number;
                assertThatThrownBy(() -> index.get(key(each))).isInstanceOf(DamagedIndexException.class);
            }
        }
    }

    @Test
    void linkIsNotFollowed(@TempDir Path elsewhere) throws IOException {
        Files.move(file, elsewhere.resolve("file"));
        Files.createSymbolicLink(file, elsewhere.resolve("file"));
        assertThatThrownBy(() -> factory.open(files, name(), KEYS)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> factory.openCopy(files, name(), KEYS, elsewhere))
                .isInstanceOf(IOException.class);
        assertThat(Files.readAllBytes(elsewhere.resolve("file"))).isEqualTo(sealed);
    }

    private void assertRefused(byte[] content, String what) throws IOException {
        Files.write(file, content);
        assertThatThrownBy(() -> factory.open(files, name(), KEYS)).as(what).isInstanceOf(IOException.class);
        assertThat(Files.readAllBytes(file)).as(what).isEqualTo(content);
    }

    /** Writes what stands before the blocks and behind them. */
    private void writeSeal(byte[] content) throws IOException {
        try (RandomAccessFile target = new RandomAccessFile(file.toFile(), "rw")) {
            target.write(content, 0, HEADER_BYTES);
            target.seek(listOffset);
            target.write(content, listOffset, content.length - listOffset);
        }
    }

    private void assertFound(String what) throws IOException {
        LocationIndex index;
        try {
            index = factory.open(files, name(), KEYS);
        } catch (IOException e) {
            return;
        }
        try (index) {
            assertThat(countDamagedAndCheckTheOthers(index)).as(what).isPositive();
        }
    }

    private static int countDamagedAndCheckTheOthers(LocationIndex index) {
        int damaged = 0;
        for (int number = 0; number < KEYS; number++) {
            try {
                Location found = index.get(key(number));
                if (!location(number, 1).equals(found)) {
                    throw new AssertionError("key " + number + " has " + found);
                }
            } catch (DamagedIndexException e) {
                damaged++;
            }
        }
        return damaged;
    }

    private String name() {
        return file.getFileName().toString();
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int checksum(byte[] bytes, int from, int to) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, from, to - from);
        return (int) checksum.getValue();
    }
}
