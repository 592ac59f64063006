package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One flipped byte, anywhere in a record of two blocks that was put whole, and in one that was streamed. */
class BlockCorruptionTest {

    private static final int ARENA_HEADER = 64;
    private static final int BLOB = 65_600;
    private static final int RECORD = 32 + "key".length() + BLOB + 8;
    private static final int STEP_OF_OPENINGS = 331;

    @TempDir
    Path temporary;

    private static BlobStoreBuilder<String> builder() {
        return StoreAccess.streamMemoryBytes(
                TestStores.onHeap(HeapLocationIndexFactory.forgetting()).arenaBytesMax(1 << 20), 1 << 15);
    }

    @Test
    void flippedByteOfABlobThatWasPutIsFoundByReads() throws IOException {
        try (BlobStore<String> store = StoreAccess.environment(
                        BlobStore.builder(KeyCodec.utf8()),
                        new StoreEnvironment(StoreOpener::openDirectory, HeapLocationIndexFactory.forgetting()))
                .open(temporary)) {
            store.put("key", blob());
            flipEveryByteUnder(store);
        }
    }

    @Test
    void flippedByteOfABlobThatWasStreamedIsFoundByReads() throws IOException {
        try (BlobStore<String> store = builder().open(temporary)) {
            store.put("key", new ByteArrayInputStream(blob()));
            flipEveryByteUnder(store);
        }
    }

    private void flipEveryByteUnder(BlobStore<String> store) throws IOException {
        Path arena = TestStores.arenas(temporary).get(0);
        ByteBuffer part = ByteBuffer.allocate(10);
        try (FileChannel file = FileChannel.open(arena, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertThat(file.size()).isEqualTo(ARENA_HEADER + RECORD);
            for (int at = ARENA_HEADER; at < ARENA_HEADER + RECORD; at++) {
                flip(file, at);
                try {
                    store.get("key");
                    throw new AssertionError("byte " + at + " was changed, and the blob read");
                } catch (CorruptBlobException e) {
                    assertThat(e.offset()).isEqualTo(ARENA_HEADER);
                }
                if (at % 37 == 0) {
                    checkRange(store, part, at - ARENA_HEADER - 35);
                }
                flip(file, at);
            }
        }
        assertThat(store.get("key")).isEqualTo(blob());
        assertThat(store.verify().damage()).isEmpty();
    }

    /** Damage of a block costs no other; damage of anything else costs all. */
    private static void checkRange(BlobStore<String> store, ByteBuffer part, int damaged) throws IOException {
        boolean inSecondBlock = damaged >= 65_536 && damaged < BLOB;
        if (inSecondBlock) {
            assertThat(store.read("key", 0, part.clear())).hasValue(10);
            assertThat(part.flip()).isEqualTo(ByteBuffer.wrap(blob(), 0, 10));
        } else {
            assertThatThrownBy(() -> store.read("key", 0, part.clear())).isInstanceOf(CorruptBlobException.class);
        }
    }

    @Test
    void flippedByteAfterACrashIsNeverAWrongBlobAndNeverUnnoticed() throws IOException {
        Path original = temporary.resolve("original");
        BlobStore<String> store = builder().open(original);
        store.withDurability(Durability.FORCED).put("key", new ByteArrayInputStream(new byte[100_000]));
        store.withDurability(Durability.FORCED).put("key", new ByteArrayInputStream(blob()));
        store.put("other", new ByteArrayInputStream(blob()));
        StoreAccess.crash(store);
        Map<String, byte[]> files = TestStores.files(original);
        String name = TestStores.arenas(original).get(0).getFileName().toString();
        for (int at = ARENA_HEADER; at < files.get(name).length; at += STEP_OF_OPENINGS) {
            Path copy = temporary.resolve("copy");
            TestStores.restore(copy, files);
            byte[] bytes = files.get(name).clone();
            bytes[at] ^= 4;
            Files.delete(copy.resolve(name));
            Files.write(copy.resolve(name), bytes);
            try (BlobStore<String> opened = builder().open(copy)) {
                OpenReport report = opened.stats().opening();
                assertThat(report.damageCount() > 0 || report.tornBytes() > 0)
                        .as("byte %d", at)
                        .isTrue();
                check(opened, "key", at);
                check(opened, "other", at);
            }
        }
    }

    private static void check(BlobStore<String> store, String key, int at) throws IOException {
        try {
            byte[] found = store.get(key);
            if (found != null && !Arrays.equals(found, blob())) {
                assertThat(found).as("byte %d", at).isEqualTo(new byte[100_000]);
            }
        } catch (CorruptBlobException e) {
            assertThat(e.file()).endsWith(".arena");
        }
    }

    private static void flip(FileChannel file, long at) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        file.read(one, at);
        file.write(one.put(0, (byte) (one.get(0) ^ 0x40)).flip(), at);
    }

    private static byte[] blob() {
        return TestStores.blob(BLOB, 3);
    }
}
