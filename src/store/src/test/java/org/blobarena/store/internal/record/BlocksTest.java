package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs of more than one block: whole and by ranges, right and damaged. */
class BlocksTest {

    private static final int BLOCK = 64 * 1024;
    private static final int RECORD = 64;
    private static final int PAYLOAD = RECORD + 32 + "key".length();
    private static final int[] LENGTHS = {
        0, 1, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 4, BLOCK + 8, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 1, 7 * BLOCK + 99
    };

    @TempDir
    Path directory;

    private BlobStore<String> store;

    @BeforeEach
    void open() throws IOException {
        store = builder().open(directory);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private static BlobStoreBuilder<String> builder() {
        return TestStores.onHeap().arenaBytesMax(4 << 20);
    }

    @Test
    void blobsAroundTheBoundariesOfBlocksComeBack() throws IOException {
        for (int length : LENGTHS) {
            store.put("key " + length, TestStores.blob(length, length));
        }
        for (int round = 0; round < 3; round++) {
            for (int length : LENGTHS) {
                String key = "key " + length;
                assertThat(store.sizeOf(key)).as("%d", length).hasValue(length);
                assertThat(store.get(key)).as("%d", length).isEqualTo(TestStores.blob(length, length));
            }
            assertThat(store.verify().damage()).isEmpty();
            if (round == 0) {
                StoreAccess.crash(store);
            } else {
                store.close();
            }
            open();
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.stats().opening().tornBytes()).isZero();
        }
    }

    @Test
    void everyRangeIsThatOfTheWholeBlob() throws IOException {
        Random random = new Random(1);
        for (int length : LENGTHS) {
            byte[] blob = TestStores.blob(length, 1);
            store.put("key", blob);
            for (int i = 0; i < 200; i++) {
                int from = random.nextInt(length + 1);
                int wanted = random.nextInt(i % 2 == 0 ? 300 : length + 300);
                ByteBuffer target = ByteBuffer.allocate(wanted + 5).position(5);

                assertThat(store.read("key", from, target)).hasValue(Math.min(wanted, length - from));

                assertThat(Arrays.copyOfRange(target.array(), 5, target.position()))
                        .isEqualTo(Arrays.copyOfRange(blob, from, Math.min(length, from + wanted)));
            }
        }
    }

    @Test
    void rangeOutsideOfTheBlobIsRefusedAndMovesNothing() throws IOException {
        store.put("key", TestStores.blob(70_000, 1));
        ByteBuffer target = ByteBuffer.allocate(10).position(3);

        assertThat(store.read("key", 70_000, target)).hasValue(0);
        assertThat(store.read("absent", 70_001, target)).isEmpty();
        assertThatThrownBy(() -> store.read("key", 70_001, target))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("70000");
        assertThatThrownBy(() -> store.read("key", -1, target)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(target.position()).isEqualTo(3);
    }

    @Test
    void damagedBlockIsAnExceptionForRangesThatTouchItAndNoOthers() throws IOException {
        byte[] blob = TestStores.blob(3 * BLOCK, 1);
        store.put("key", blob);
        flip(PAYLOAD + BLOCK + 5);
        ByteBuffer target = ByteBuffer.allocate(BLOCK);

        assertThat(store.read("key", 0, target)).hasValue(BLOCK);
        assertThat(target.array()).isEqualTo(Arrays.copyOf(blob, BLOCK));
        assertThat(store.read("key", 2L * BLOCK, target.clear())).hasValue(BLOCK);
        target.clear().put(0, (byte) 1);
        assertThatThrownBy(() -> store.read("key", BLOCK - 1L, target))
                .isInstanceOf(CorruptBlobException.class)
                .hasMessageContaining("block 1");
        assertThat(target.position()).isZero();
        assertThatThrownBy(() -> store.read("key", 2L * BLOCK - 1, target)).isInstanceOf(CorruptBlobException.class);
        assertThatThrownBy(() -> store.get("key")).isInstanceOf(CorruptBlobException.class);
        assertThat(store.sizeOf("key")).hasValue(blob.length);
        assertThat(store.verify().damage()).first().asString().contains("block 1");
    }

    @Test
    void damagedTableIsAnExceptionForEveryRange() throws IOException {
        store.put("key", TestStores.blob(3 * BLOCK, 1));
        flip(PAYLOAD + 3 * BLOCK + 11);

        for (int block = 0; block < 3; block++) {
            long offset = (long) block * BLOCK;
            assertThatThrownBy(() -> store.read("key", offset, ByteBuffer.allocate(1)))
                    .isInstanceOf(CorruptBlobException.class);
        }
        assertThat(store.verify().damage()).first().asString().contains("payload checksum");
    }

    @Test
    void damagedBlockThatWasForcedIsReportedByRecovery() throws IOException {
        store.withDurability(Durability.FORCED).put("key", TestStores.blob(3 * BLOCK, 1));
        store.withDurability(Durability.FORCED).put("next", new byte[1]);
        StoreAccess.crash(store);
        flip(PAYLOAD + 2 * BLOCK);
        open();

        assertThat(store.stats().opening().damage()).singleElement().asString().contains("block 2");
        assertThatThrownBy(() -> store.get("key")).isInstanceOf(CorruptBlobException.class);
        assertThat(store.get("next")).hasSize(1);
    }

    @Test
    void blobThatIsCutInItsTableIsTorn() throws IOException {
        store.put("key", TestStores.blob(100, 1));
        store.put("key", TestStores.blob(3 * BLOCK, 1));
        StoreAccess.crash(store);
        Path arena = TestStores.arenas(directory).get(0);
        try (FileChannel file = FileChannel.open(arena, StandardOpenOption.WRITE)) {
            file.truncate(file.size() - 1);
        }
        open();

        assertThat(store.stats().opening().damage()).isEmpty();
        assertThat(store.stats().opening().tornBytes()).isEqualTo(32 + 3 + 3 * BLOCK + 12 - 1);
        assertThat(store.get("key")).isEqualTo(TestStores.blob(100, 1));
    }

    @Test
    void largestBlobIsTheOneThatTheMessageNames() throws IOException {
        long limit = (4 << 20) - 288 - 3;
        long largest = limit - 4 * 64;

        assertThatThrownBy(() -> store.put("key", new byte[(int) largest + 1]))
                .isInstanceOf(BlobTooLargeException.class)
                .hasMessageContaining("at most " + largest);
        byte[] blob = TestStores.blob((int) largest, 1);
        store.put("key", blob);
        assertThat(store.get("key")).isEqualTo(blob);
    }

    private void flip(long at) throws IOException {
        try (FileChannel file = FileChannel.open(
                TestStores.arenas(directory).get(0), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, at);
            file.write(one.put(0, (byte) (one.get(0) ^ 0x10)).flip(), at);
        }
    }
}
