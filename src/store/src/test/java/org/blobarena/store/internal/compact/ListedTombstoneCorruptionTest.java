package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.blobarena.format.IndexBlock;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.internal.recovery.StoreRepair;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an index block says of records that cannot be read, in a file that is not sealed. Shows invariant 3 of store-format.md. */
class ListedTombstoneCorruptionTest {

    private static final String FIRST = "00000001.arena";
    private static final int HEADER = 32;

    @TempDir
    Path temporary;

    private Path directory;
    private long tombstone;
    private long value;
    private long listedEnd;

    /** A file with an index block in its middle, of which nothing was ever forced, after a kill. */
    @BeforeEach
    void makeStore() throws IOException {
        directory = temporary.resolve("store");
        try (BlobStore<String> store = open()) {
            store.put("removed", new byte[10]);
            store.put("replaced", new byte[10]);
            tombstone = length();
            store.remove("removed");
            value = length();
            store.put("replaced", new byte[20]);
            for (int i = 5; i < IndexBlock.ENTRIES_MAX; i++) {
                store.withDurability(Durability.BUFFERED).put("other" + i % 50, new byte[1]);
            }
            store.put("other", new byte[1]);
            listedEnd = length() + HEADER + IndexBlock.payloadBytes(IndexBlock.ENTRIES_MAX, false);
            store.put("last", new byte[1]);
            StoreAccess.crash(store);
        }
    }

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap(HeapLocationIndexFactory.forgetting())
                .arenaBytesMax(1 << 20)
                .open(directory);
    }

    @Test
    void tornTombstoneThatABlockListsKeepsItsKeyRemoved() throws IOException {
        flip(tombstone + 9);
        for (int round = 0; round < 3; round++) {
            try (BlobStore<String> store = open()) {
                assertThat(store.stats().opening().damage()).isEmpty();
                assertThat(store.stats().opening().tornBytes()).isEqualTo(value - tombstone);
                assertThat(store.get("removed")).isNull();
                assertThat(store.get("replaced")).hasSize(20);
                assertThat(store.size()).isEqualTo(53);
                store.compact();
                assertThat(store.get("removed")).isNull();
                StoreAccess.crash(store);
            }
        }
    }

    @Test
    void tornTombstoneThatABlockListsKeepsItsKeyRemovedAfterARepair() throws IOException {
        flip(tombstone + 9);
        StoreEnvironment environment =
                new StoreEnvironment(StoreOpener::openDirectory, HeapLocationIndexFactory.forgetting());

        assertThat(new StoreRepair(environment).repair(directory).isLossless()).isTrue();

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().tornBytes()).isZero();
            assertThat(store.get("removed")).isNull();
            assertThat(store.get("replaced")).hasSize(20);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    @Test
    void tornValueThatABlockListsLeavesTheOlderValue() throws IOException {
        flip(value + 9);

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.get("replaced")).hasSize(10);
        }
    }

    /** The last block does not say that all before it had been forced, and there is nothing left to list. */
    @Test
    void closeOfAFileThatEndsInABlockWhichVouchesForNothingMakesItsDamageFound() throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve(FIRST));
        Files.write(directory.resolve(FIRST), Arrays.copyOf(bytes, (int) listedEnd));
        open().close();
        Files.deleteIfExists(directory.resolve("CLEAN"));
        flip(value + HEADER + "replaced".length() + 1);

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().tornBytes()).isZero();
            assertThatThrownBy(() -> store.get("replaced")).isInstanceOf(CorruptBlobException.class);
        }
    }

    private long length() throws IOException {
        return Files.size(directory.resolve(FIRST));
    }

    private void flip(long at) throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve(FIRST));
        bytes[(int) at] ^= 0x10;
        Files.write(directory.resolve(FIRST), bytes);
    }
}
