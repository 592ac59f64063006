package org.blobarena.store.crypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.BlockTable;
import org.blobarena.format.FileNames;
import org.blobarena.format.Layout;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.testing.TestKeys;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody without the key moves what is encrypted to other places, and puts all checksums right, which need no key. Each
 * block is whole, and in the wrong place. Shows invariant 20 of store-format.md.
 */
class SwappedBlocksCorruptionTest {

    private static final int BLOCK = Layout.SEALED_BLOCK_BYTES;
    private static final int BLOCKS = 3;
    private static final int HEADER = RecordHeader.BYTES;
    private static final int KEY = 1 + Layout.SEAL_BYTES;
    private static final int RECORD = HEADER + KEY + BLOCKS * BLOCK;
    private static final int FIRST = ArenaHeader.BYTES;
    private static final int SECOND = FIRST + RECORD;
    private static final String FILE = FileNames.arena(1);
    private static final String OTHER_FILE = FileNames.arena(2);

    @TempDir
    Path directory;

    private byte[] file = {};
    private byte[] otherFile = {};

    private BlobStore<String> open() throws IOException {
        BlobStoreBuilder<String> builder = BlobStore.builder(KeyCodec.utf8())
                .keySource(TestKeys.first())
                .automaticCompaction(false)
                .arenaBytesMax(3L * RECORD);
        return StoreAccess.streamMemoryBytes(builder, 1 << 20).open(directory);
    }

    private static byte[] blob(int seed) {
        return TestStores.blob(BLOCKS * BlockTable.BLOCK_BYTES, seed);
    }

    /** Blobs a and b in the first file, c and d in the second, each record as long as the others. */
    @BeforeEach
    void make() throws IOException {
        try (BlobStore<String> store = open()) {
            for (String key : new String[] {"a", "b", "c", "d"}) {
                store.put(key, blob(key.charAt(0)));
            }
        }
        file = Files.readAllBytes(directory.resolve(FILE));
        otherFile = Files.readAllBytes(directory.resolve(OTHER_FILE));
    }

    private static int block(int record, int number) {
        return record + HEADER + KEY + number * BLOCK;
    }

    private static void swap(byte[] a, int from, byte[] b, int to, int length) {
        byte[] kept = Arrays.copyOfRange(a, from, from + length);
        System.arraycopy(b, to, a, from, length);
        System.arraycopy(kept, 0, b, to, length);
    }

    /** Makes the checksum of a record's header what it has to be at a place. */
    private void putRight(byte[] bytes, long fileId, int record) throws IOException {
        StoreIdentity identity = identity();
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int salt = new KeyHasher(identity).salt(fileId);
        header.putInt(record + RecordHeader.SALT_OFFSET, salt);
        RecordHeader decoded = new RecordHeader();
        decoded.decode(header, record);
        ByteBuffer encoded = ByteBuffer.allocate(RecordHeader.BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer key = ByteBuffer.wrap(bytes, record + HEADER, decoded.keyLength());
        decoded.encode(encoded, key, new RecordHeader.Place(fileId, record, salt));
        header.put(record, encoded, 0, HEADER);
    }

    private StoreIdentity identity() throws IOException {
        try {
            return StoreIdentity.decode(
                    ByteBuffer.wrap(Files.readAllBytes(directory.resolve("STORE")), 0, StoreIdentity.BYTES));
        } catch (org.blobarena.format.FormatException e) {
            throw new IOException(e);
        }
    }

    private void write() throws IOException {
        Files.write(directory.resolve(FILE), file);
        Files.write(directory.resolve(OTHER_FILE), otherFile);
    }

    /** All other keys are as they were. */
    private void checkDamaged(String... keys) throws IOException {
        write();
        for (boolean rebuilt : new boolean[] {false, true}) {
            if (rebuilt) {
                Files.deleteIfExists(directory.resolve("CLEAN"));
            }
            try (BlobStore<String> store = open()) {
                for (String key : new String[] {"a", "b", "c", "d"}) {
                    if (Arrays.asList(keys).contains(key)) {
                        assertThatThrownBy(() -> store.get(key)).as(key).isInstanceOf(CorruptBlobException.class);
                    } else {
                        assertThat(store.get(key)).as(key).isEqualTo(blob(key.charAt(0)));
                    }
                }
                assertThat(store.verify().isIntact()).isFalse();
            }
        }
    }

    @Test
    void blocksOfARecordInAnotherOrderAreFoundByEachReadThatTouchesThem() throws IOException {
        swap(file, block(FIRST, 0), file, block(FIRST, 1), BLOCK);
        checkDamaged("a");

        try (BlobStore<String> store = open()) {
            assertThatThrownBy(() -> store.read("a", 0, ByteBuffer.allocate(10)))
                    .isInstanceOf(CorruptBlobException.class);
            assertThatThrownBy(() -> store.read("a", BlockTable.BLOCK_BYTES, ByteBuffer.allocate(10)))
                    .isInstanceOf(CorruptBlobException.class);
            ByteBuffer third = ByteBuffer.allocate(10);
            store.read("a", 2 * BlockTable.BLOCK_BYTES, third);
            assertThat(third.array())
                    .isEqualTo(
                            Arrays.copyOfRange(blob('a'), 2 * BlockTable.BLOCK_BYTES, 2 * BlockTable.BLOCK_BYTES + 10));
        }
    }

    @Test
    void blocksOfTwoRecordsThatAreSwappedAreFound() throws IOException {
        swap(file, block(FIRST, 1), file, block(SECOND, 1), BLOCK);
        checkDamaged("a", "b");
    }

    @Test
    void blocksOfTwoFilesAtTheSamePlaceThatAreSwappedAreFound() throws IOException {
        swap(file, block(FIRST, 1), otherFile, block(FIRST, 1), BLOCK);
        checkDamaged("a", "c");
    }

    @Test
    void recordsThatAreSwappedWithRightChecksumsAreFound() throws IOException {
        swap(file, FIRST, file, SECOND, RECORD);
        putRight(file, 1, FIRST);
        putRight(file, 1, SECOND);
        checkSwapped("a", "b");
    }

    @Test
    void recordsOfTwoFilesThatAreSwappedWithRightChecksumsAreFound() throws IOException {
        swap(file, FIRST, otherFile, FIRST, RECORD);
        putRight(file, 1, FIRST);
        putRight(otherFile, 2, FIRST);
        checkSwapped("a", "c");
    }

    /** No record is there any more, so an opening that makes the index anew reports it, and knows the key by its entry alone. */
    private void checkSwapped(String... keys) throws IOException {
        write();
        try (BlobStore<String> store = open()) {
            for (String key : keys) {
                assertThatThrownBy(() -> store.get(key)).as(key).isInstanceOf(CorruptBlobException.class);
            }
            assertThat(store.verify().isIntact()).isFalse();
        }
        Files.deleteIfExists(directory.resolve("CLEAN"));
        try (BlobStore<String> store = open()) {
            for (String key : keys) {
                assertThatThrownBy(() -> store.get(key)).as(key).isInstanceOf(CorruptBlobException.class);
            }
        }
    }

    @Test
    void recordThatIsCutToWholeBlocksIsFound() throws IOException {
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(FIRST + 16, 2 * BLOCK);
        putRight(file, 1, FIRST);
        write();
        try (BlobStore<String> store = open()) {
            assertThatThrownBy(() -> store.get("a")).isInstanceOf(CorruptBlobException.class);
        }
    }

    @Test
    void recordThatIsCalledVoidIsFound() throws IOException {
        file[FIRST + 30] = 5;
        putRight(file, 1, FIRST);
        write();
        try (BlobStore<String> store = open()) {
            assertThatThrownBy(() -> store.get("a")).isInstanceOf(CorruptBlobException.class);
        }
    }

    @Test
    void fileUnderTheHeaderOfAnotherIsNotRead() throws IOException {
        ByteBuffer header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(32, 77); // The creation sequence.
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(file, 0, 60);
        header.putInt(60, (int) crc.getValue());
        write();
        try (BlobStore<String> store = open()) {
            assertThatThrownBy(() -> store.get("a")).isInstanceOf(CorruptBlobException.class);
            assertThatThrownBy(() -> store.get("b")).isInstanceOf(CorruptBlobException.class);
            assertThat(store.get("c")).isEqualTo(blob('c'));
        }
    }

    /** A crash has undone the first record of the key; another stands in its place, with the same key and length. */
    @Test
    void blocksOfARecordThatStoodInTheSamePlaceAreFound() throws IOException {
        Map<String, byte[]> before = TestStores.files(directory);
        byte[] undone = putAndCrash(1);
        TestStores.restore(directory, before);
        byte[] present = putAndCrash(2);
        assertThat(Arrays.copyOf(undone, ArenaHeader.BYTES)).isEqualTo(Arrays.copyOf(present, ArenaHeader.BYTES));
        assertThat(undone).hasSameSizeAs(present);
        int from = present.length - BLOCK;
        System.arraycopy(undone, from, present, from, BLOCK);
        Files.write(directory.resolve(OTHER_FILE), present);

        try (BlobStore<String> store = open()) {
            assertThat(store.get("e")).isNull(); // It is the torn end of a file.
            assertThat(store.stats().opening().tornBytes()).isGreaterThan(BLOCK);
        }
    }

    /** Nothing but its own header says how long a record is that no index block lists yet. */
    @Test
    void lastRecordThatIsCutToWholeBlocksIsTorn() throws IOException {
        BlobStore<String> store = open();
        store.put("e", TestStores.blob(2 * BlockTable.BLOCK_BYTES, 1));
        StoreAccess.crash(store);
        Path path =
                TestStores.arenas(directory).get(TestStores.arenas(directory).size() - 1);
        byte[] whole = Files.readAllBytes(path);
        int record = whole.length - 2 * BLOCK - HEADER - KEY;
        byte[] cut = Arrays.copyOf(whole, whole.length - BLOCK);
        ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN).putInt(record + 16, BLOCK);
        putRight(cut, Long.parseLong(path.getFileName().toString().substring(0, 8), 16), record);
        Files.write(path, cut);

        try (BlobStore<String> opened = open()) {
            assertThat(opened.get("e")).isNull();
            assertThat(opened.stats().opening().tornBytes()).isEqualTo(HEADER + KEY + BLOCK);
        }
    }

    private byte[] putAndCrash(int seed) throws IOException {
        BlobStore<String> store = open();
        store.put("e", TestStores.blob(BlockTable.BLOCK_BYTES, seed));
        StoreAccess.crash(store);
        return Files.readAllBytes(directory.resolve(OTHER_FILE));
    }
}
