package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.FailingSource;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs that are put bit by bit. Of streams, 1,000 bytes are kept in memory here. */
class BlobOutputStreamTest {

    private static final int BLOCK = 64 * 1024;
    private static final int MEMORY = 1000;
    private static final long LIMIT = 1 << 20;
    private static final int[] LENGTHS = {
        0, 1, MEMORY - 1, MEMORY, MEMORY + 1, 4 * MEMORY + 1, BLOCK, BLOCK + 1, 3 * BLOCK, 4 * BLOCK + 77
    };

    @TempDir
    Path temporary;

    private final HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
    private TestDirectory directory;
    private BlobStore<String> store;

    @BeforeEach
    void open() throws IOException {
        directory = new TestDirectory(StoreOpener.openDirectory(temporary.resolve("store"), true));
        store = StoreAccess.streamMemoryBytes(
                        StoreAccess.environment(
                                        TestStores.onHeap(), new StoreEnvironment((path, create) -> directory, indexes))
                                .arenaBytesMax(LIMIT),
                        MEMORY)
                .open(directory.path());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void streamsOfAnyLengthInPiecesOfAnyLengthComeBack() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        for (int length : LENGTHS) {
            try (BlobOutputStream out = store.newOutputStream("out " + length)) {
                writeInPieces(out, blob(length), random);
                out.commit();
            }
            store.put("in " + length, new ByteArrayInputStream(blob(length)));
            store.put("array " + length, blob(length));
            Path file = Files.write(temporary.resolve("file"), blob(length));
            store.put("file " + length, file);
        }
        for (int round = 0; round < 3; round++) {
            for (int length : LENGTHS) {
                for (String how : List.of("out ", "in ", "array ", "file ")) {
                    assertThat(store.get(how + length)).as(how + length).isEqualTo(blob(length));
                    assertThat(store.sizeOf(how + length)).hasValue(length);
                }
            }
            assertThat(store.verify().damage()).isEmpty();
            if (round == 0) {
                StoreAccess.crash(store);
            } else {
                store.close();
            }
            open();
            assertThat(store.stats().opening().clean()).isEqualTo(round > 0);
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.stats().opening().tornBytes()).isZero();
        }
    }

    @Test
    void readersSeeTheOldBlobUntilTheNewOneIsWhole() throws IOException {
        store.put("key", blob(10));
        BlobOutputStream out = store.newOutputStream("key");
        out.write(blob(3 * BLOCK));

        assertThat(store.get("key")).isEqualTo(blob(10));
        assertThat(store.verify().damage()).isEmpty();
        out.commit();
        assertThat(store.get("key")).isEqualTo(blob(3 * BLOCK));
    }

    @Test
    void laterOfTwoPublicationsCountsAlsoAfterACrash() throws IOException {
        BlobOutputStream first = store.newOutputStream("key");
        BlobOutputStream second = store.newOutputStream("key");
        second.write(blob(2 * BLOCK));
        first.write(blob(3 * BLOCK));
        second.commit();
        store.put("key", blob(5));
        first.commit();
        StoreAccess.crash(store);
        open();

        assertThat(store.get("key")).isEqualTo(blob(3 * BLOCK));
    }

    @Test
    void putAfterThePublicationCountsAlsoAfterACrash() throws IOException {
        BlobOutputStream out = store.newOutputStream("key");
        out.write(blob(3 * BLOCK));
        store.put("other", blob(5));
        out.commit();
        store.put("key", blob(5));
        StoreAccess.crash(store);
        open();

        assertThat(store.get("key")).isEqualTo(blob(5));
    }

    @Test
    void closeWithoutACommitLeavesNothingAndGivesTheBytesBack() throws IOException {
        store.put("key", blob(10));
        store.put("long", blob(2 * BLOCK));
        long before = store.stats().arenaBytes();
        BlobOutputStream out = store.newOutputStream("key");
        out.write(blob(5 * BLOCK + 3));
        assertThat(store.stats().arenaBytes()).isGreaterThan(before + 5 * BLOCK);

        out.close();

        out.close();
        assertThatThrownBy(out::commit).isInstanceOf(IOException.class);
        assertThat(store.get("key")).isEqualTo(blob(10));
        assertThat(store.stats().arenaBytes()).isEqualTo(before);
        assertThat(lengthsOnDisk()).isLessThanOrEqualTo(before);
        assertThat(store.verify().damage()).isEmpty();
        assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
    }

    @Test
    void failureOfTheSourceIsPropagatedAndLeavesNothing() throws IOException {
        store.put("key", blob(10));
        store.put("long", blob(2 * BLOCK));
        long before = store.stats().arenaBytes();
        for (int length : LENGTHS) {
            IOException failure = new IOException("the source fails");

            assertThatThrownBy(() -> store.put("key", new FailingSource(blob(length), failure)))
                    .isSameAs(failure);

            assertThat(store.get("key")).isEqualTo(blob(10));
            assertThat(store.stats().arenaBytes()).isEqualTo(before);
        }
    }

    @Test
    void fullDiskInTheMiddleOfAStreamLeavesNothing() throws IOException {
        store.put("key", blob(10));
        store.put("long", blob(2 * BLOCK));
        long before = store.stats().arenaBytes();
        BlobOutputStream out = store.newOutputStream("key");
        out.write(blob(2 * BLOCK));
        directory.setFreeBytes(BLOCK);

        assertThatThrownBy(() -> out.write(blob(3 * BLOCK))).isInstanceOf(DiskFullException.class);

        assertThatThrownBy(out::commit).isInstanceOf(IOException.class).hasCauseInstanceOf(DiskFullException.class);
        out.close();
        assertThat(store.get("key")).isEqualTo(blob(10));
        assertThat(store.stats().arenaBytes()).isEqualTo(before);
        assertThat(lengthsOnDisk()).isLessThanOrEqualTo(before);
        directory.freeSpace();
        store.put("key", new ByteArrayInputStream(blob(3 * BLOCK)));
        assertThat(store.get("key")).isEqualTo(blob(3 * BLOCK));
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void fullDiskAtTheEndOfAStreamLeavesNothing() throws IOException {
        store.put("long", blob(2 * BLOCK));
        for (Durability durability : Durability.values()) {
            for (int free = 0; free < 600; free += 50) {
                BlobOutputStream out = store.withDurability(durability).newOutputStream("key");
                out.write(blob(2 * BLOCK + 500));
                directory.setFreeBytes(free);
                boolean stored = true;
                try {
                    out.commit();
                } catch (DiskFullException e) {
                    stored = false;
                }
                assertThatThrownBy(out::commit).isInstanceOf(IOException.class);
                out.close();
                directory.freeSpace();
                assertThat(store.contains("key")).as("%s, %d", durability, free).isEqualTo(stored);
                assertThat(store.verify().damage()).isEmpty();
                store.remove("key");
            }
        }
    }

    @Test
    void streamThatBecomesTooLargeForAnyFileIsRefusedWithTheLimit() throws IOException {
        store.put("key", blob(10));
        long largest = LIMIT - 288 - 3 - 4 * 16;
        long before = store.stats().arenaBytes();

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> store.put("key", new ByteArrayInputStream(new byte[(int) largest + 1])))
                    .isInstanceOf(BlobTooLargeException.class)
                    .hasMessageContaining("at most " + largest);
        }
        assertThat(store.get("key")).isEqualTo(blob(10));
        assertThat(store.stats().arenaBytes() - before).isLessThanOrEqualTo(2 * 64);

        store.put("key", new ByteArrayInputStream(blob((int) largest)));
        assertThat(store.get("key")).isEqualTo(blob((int) largest));
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void streamThatOutgrowsAFileThatOthersUseMovesToOneOfItsOwn() throws IOException {
        store.put("first", new ByteArrayInputStream(blob(3 * BLOCK)));
        store.put("long", new ByteArrayInputStream(blob(15 * BLOCK)));

        assertThat(store.get("first")).isEqualTo(blob(3 * BLOCK));
        assertThat(store.get("long")).isEqualTo(blob(15 * BLOCK));
        assertThat(store.stats().arenaFiles()).isEqualTo(2);
        StoreAccess.crash(store);
        open();
        assertThat(store.get("first")).isEqualTo(blob(3 * BLOCK));
        assertThat(store.get("long")).isEqualTo(blob(15 * BLOCK));
        assertThat(store.stats().opening().tornBytes()).isZero();
    }

    @Test
    void fileThatIsTooLargeIsRefusedBeforeAnythingIsWritten() throws IOException {
        Path file = Files.write(temporary.resolve("file"), new byte[(int) LIMIT]);
        directory.setFreeBytes(0);

        assertThatThrownBy(() -> store.put("key", file)).isInstanceOf(BlobTooLargeException.class);
        assertThat(store.stats().arenaFiles()).isZero();
        directory.freeSpace();
    }

    @Test
    void fileThatIsMissingOrADirectoryIsAnExceptionAndLeavesNothing() throws IOException {
        store.put("key", blob(10));
        assertThatThrownBy(() -> store.put("key", temporary.resolve("absent")))
                .isInstanceOf(java.nio.file.NoSuchFileException.class);
        assertThatThrownBy(() -> store.put("key", temporary)).isInstanceOf(IOException.class);
        assertThat(store.get("key")).isEqualTo(blob(10));
    }

    @Test
    void closeOfTheStoreEndsOpenStreamsAndGivesTheirBytesBack() throws IOException {
        store.put("key", blob(10));
        List<BlobOutputStream> streams = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            streams.add(store.newOutputStream("key"));
            streams.get(i).write(blob(2 * BLOCK));
        }
        streams.add(store.newOutputStream("key"));
        streams.get(3).write(1);

        store.close();

        requireClosed(() -> streams.get(0).write(1));
        requireClosed(() -> streams.get(0).commit());
        requireClosed(() -> streams.get(1).commit());
        requireClosed(() -> streams.get(3).commit());
        for (BlobOutputStream stream : streams) {
            stream.close();
        }
        assertThatThrownBy(() -> store.newOutputStream("key")).isInstanceOf(StoreClosedException.class);
        assertThat(lengthsOnDisk()).isLessThan(5000);
        open();
        assertThat(store.stats().opening().clean()).isTrue();
        assertThat(store.get("key")).isEqualTo(blob(10));
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void deathInTheMiddleOfStreamsLeavesNothingAndTheirBytesComeBack() throws IOException {
        store.put("key", blob(10));
        store.put("long", new ByteArrayInputStream(blob(2 * BLOCK)));
        long before = store.stats().arenaBytes();
        for (int i = 0; i < 3; i++) {
            store.newOutputStream("key").write(blob(2 * BLOCK));
        }
        StoreAccess.crash(store);
        assertThat(lengthsOnDisk()).isGreaterThan(before + 3 * BLOCK);
        open();

        assertThat(store.stats().opening().damage()).isEmpty();
        assertThat(store.stats().opening().tornBytes()).isGreaterThan(3 * BLOCK);
        assertThat(store.get("key")).isEqualTo(blob(10));
        assertThat(store.get("long")).isEqualTo(blob(2 * BLOCK));
        assertThat(lengthsOnDisk()).isLessThan(before + 1000);
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void streamsOneAfterTheOtherShareFilesAndLongOnesAreSealed() throws IOException {
        for (int i = 0; i < 40; i++) {
            store.put("key " + i, new ByteArrayInputStream(blob(MEMORY + 1 + i)));
        }
        assertThat(store.stats().arenaFiles()).isEqualTo(1);
        for (int i = 0; i < 10; i++) {
            store.put("long " + i, new ByteArrayInputStream(blob(2 * BLOCK)));
        }
        assertThat(store.stats().arenaFiles()).isBetween(4L, 5L);
        for (int i = 0; i < 40; i++) {
            assertThat(store.get("key " + i)).isEqualTo(blob(MEMORY + 1 + i));
        }
    }

    @Test
    void tenStreamsAtOnceHoldUpNoPutAndLeaveFewFilesUnsealed() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        List<BlobOutputStream> streams = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            streams.add(store.newOutputStream("stream " + i));
        }
        for (int round = 0; round < 5; round++) {
            for (BlobOutputStream stream : streams) {
                writeInPieces(stream, Arrays.copyOfRange(blob(100_000), round * 20_000, (round + 1) * 20_000), random);
                store.put("small", blob(round));
                assertThat(store.get("small")).isEqualTo(blob(round));
            }
        }
        for (BlobOutputStream stream : streams) {
            stream.commit();
        }
        for (int i = 0; i < 10; i++) {
            assertThat(store.get("stream " + i)).isEqualTo(blob(100_000));
        }
        assertThat(store.stats().arenaFiles()).isEqualTo(11);
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void shortRunsGoOnWithOneFile() throws IOException {
        for (int i = 0; i < 5; i++) {
            store.put("key " + i, new ByteArrayInputStream(blob(MEMORY + 100)));
            store.close();
            open();
        }
        assertThat(store.stats().arenaFiles()).isEqualTo(1);
        assertThat(store.stats().keys()).isEqualTo(5);
    }

    @Test
    void forceCountsOnlyForFilesWithNewsAndNotForUnfinishedRecords() throws IOException {
        BlobOutputStream out = store.newOutputStream("key");
        out.write(blob(BLOCK));
        store.force();
        int forcesBefore = directory.fileForces();

        out.write(blob(BLOCK)); // In all less than what gets a file sealed, which forces it too.
        store.force();
        assertThat(directory.fileForces()).isEqualTo(forcesBefore);
        out.commit();
        store.force();
        assertThat(directory.fileForces()).isEqualTo(forcesBefore + 1);
        store.force();
        assertThat(directory.fileForces()).isEqualTo(forcesBefore + 1);
    }

    /** As a stream says it, with an exception that its users know. */
    private static void requireClosed(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IOException.class).hasCauseInstanceOf(StoreClosedException.class);
    }

    private long lengthsOnDisk() throws IOException {
        long sum = 0;
        for (Path arena : TestStores.arenas(directory.path())) {
            sum += Files.size(arena);
        }
        return sum;
    }

    private static void writeInPieces(OutputStream out, byte[] blob, SplittableRandom random) throws IOException {
        for (int from = 0; from < blob.length; ) {
            int count = Math.min(blob.length - from, 1 + random.nextInt(random.nextInt(8) == 0 ? 150_000 : 9000));
            if (count == 1) {
                out.write(blob[from]);
            } else {
                out.write(blob, from, count);
            }
            from += count;
        }
    }

    private static byte[] blob(int length) {
        return TestStores.blob(length, 1);
    }
}
