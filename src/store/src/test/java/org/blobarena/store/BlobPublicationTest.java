package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.blobarena.index.HeapLocationIndexFactory;
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

/** A blob that is written bit by bit is stored by one act, and by nothing else. Of streams, 1,000 bytes are kept in memory. */
class BlobPublicationTest {

    private static final int MEMORY = 1000;
    private static final int[] LENGTHS = {0, 1, MEMORY, MEMORY + 1, 64 * 1024, 200_000};

    @TempDir
    Path temporary;

    private TestDirectory directory;
    private BlobStore<String> store;

    /** A way of putting a blob whose source fails after some bytes. */
    @FunctionalInterface
    private interface FailingPut {

        void run(byte[] first, Throwable failure) throws Exception;
    }

    @BeforeEach
    void open() throws IOException {
        directory = new TestDirectory(StoreOpener.openDirectory(temporary.resolve("store"), true));
        store = StoreAccess.streamMemoryBytes(
                        StoreAccess.environment(
                                        TestStores.onHeap(),
                                        new StoreEnvironment(
                                                (path, create) -> directory, HeapLocationIndexFactory.forgetting()))
                                .arenaBytesMax(1 << 20),
                        MEMORY)
                .open(directory.path());
        store.put("key", blob(10));
        store.put("long", blob(150_000)); // So that there is a file for long ones.
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void sourceThatFailsWithAnythingLeavesTheOldBlobHoweverTheBlobIsPut() throws Exception {
        Map<String, FailingPut> ways = new LinkedHashMap<>();
        ways.put("stream", (first, failure) -> {
            try (OutputStream out = store.newOutputStream("key")) {
                out.write(first);
                throw FailingSource.raised(failure);
            }
        });
        ways.put("zipped stream", (first, failure) -> {
            try (OutputStream out = new GZIPOutputStream(store.newOutputStream("key"))) {
                out.write(first);
                throw FailingSource.raised(failure);
            }
        });
        ways.put("committed behind the failure", (first, failure) -> {
            try (BlobOutputStream out = store.newOutputStream("key")) {
                new FailingSource(first, failure).transferTo(out);
                out.commit();
            }
        });
        ways.put("input", (first, failure) -> store.put("key", new FailingSource(first, failure)));
        ways.put(
                "writer",
                (first, failure) -> store.put("key", out -> {
                    out.write(first);
                    throw FailingSource.raised(failure);
                }));
        ways.put(
                "zipping writer",
                (first, failure) -> store.put("key", out -> {
                    try (OutputStream zipped = new GZIPOutputStream(out)) {
                        zipped.write(first);
                        throw FailingSource.raised(failure);
                    }
                }));
        long before = store.stats().arenaBytes();
        for (Throwable failure :
                List.of(new IOException("source"), new IllegalStateException("source"), new StackOverflowError())) {
            for (Map.Entry<String, FailingPut> way : ways.entrySet()) {
                for (int length : LENGTHS) {
                    assertThatThrownBy(() -> way.getValue().run(blob(length), failure))
                            .as("%s, %d, %s", way.getKey(), length, failure)
                            .isSameAs(failure);
                    assertThat(store.get("key")).isEqualTo(blob(10));
                    assertThat(store.stats().arenaBytes()).isEqualTo(before);
                }
            }
        }
        requireWhole();
    }

    @Test
    void writerThatReturnsStoresTheBlobWhetherItHasClosedItsStreamOrNot() throws IOException {
        for (int length : LENGTHS) {
            store.put("plain", out -> out.write(blob(length)));
            store.withDurability(Durability.FORCED).put("zipped", out -> {
                try (OutputStream zipped = new GZIPOutputStream(out)) {
                    zipped.write(blob(length));
                }
            });

            assertThat(store.get("plain")).isEqualTo(blob(length));
            byte[] zipped = store.get("zipped");
            assertThat(zipped).isNotNull();
            try (InputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
                assertThat(unzipped.readAllBytes()).isEqualTo(blob(length));
            }
        }
        requireWhole();
    }

    @Test
    void streamOfAWriterTakesNothingOnceItIsClosedOrTheWriterHasReturned() throws IOException {
        List<OutputStream> leaked = new ArrayList<>();
        store.put("key", out -> {
            out.write(blob(MEMORY + 5));
            out.close();
            assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
        });
        store.put("other", out -> {
            out.write(blob(MEMORY + 5));
            leaked.add(out);
        });

        assertThatThrownBy(() -> leaked.get(0).write(blob(10))).isInstanceOf(IOException.class);
        assertThat(store.get("key")).isEqualTo(blob(MEMORY + 5));
        assertThat(store.get("other")).isEqualTo(blob(MEMORY + 5));
        requireWhole();
    }

    /** As a {@link PrintStream} does. */
    @Test
    void writerThatPassesOverAFailedWriteStoresNothing() throws IOException {
        directory.setFreeBytes(0);

        assertThatThrownBy(() -> store.put("key", out -> new PrintStream(out, true).write(blob(300_000), 0, 300_000)))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(DiskFullException.class);

        directory.freeSpace();
        assertThat(store.get("key")).isEqualTo(blob(10));
        requireWhole();
    }

    @Test
    void commitIsTheEndWhetherItSucceedsOrNot() throws IOException {
        for (int length : LENGTHS) {
            BlobOutputStream out = store.newOutputStream("key");
            out.write(blob(length));
            out.commit();

            assertThatThrownBy(() -> out.write(1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("stored");
            assertThatThrownBy(out::commit).isInstanceOf(IOException.class).hasMessageContaining("stored");
            out.close();
            out.close();
            assertThat(store.get("key")).isEqualTo(blob(length));

            BlobOutputStream failing = store.newOutputStream("key");
            failing.write(blob(length));
            directory.setFreeBytes(0);
            assertThatThrownBy(failing::commit).isInstanceOf(DiskFullException.class);
            directory.freeSpace();
            assertThatThrownBy(failing::commit).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> failing.write(1)).isInstanceOf(IOException.class);
            failing.close();
            assertThat(store.get("key")).isEqualTo(blob(length));
        }
        requireWhole();
    }

    @Test
    void closedStreamCannotBeCommitted() throws IOException {
        for (int length : LENGTHS) {
            BlobOutputStream out = store.newOutputStream("key");
            out.write(blob(length));
            out.close();

            assertThatThrownBy(out::commit).isInstanceOf(IOException.class).hasMessageContaining("closed");
            assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
            assertThat(store.get("key")).isEqualTo(blob(10));
        }
        requireWhole();
    }

    @Test
    void storeThatIsClosedInTheMiddleOfAWriterSaysSoAndStoresNothing() throws IOException {
        assertThatThrownBy(() -> store.put("key", out -> {
                    out.write(blob(5000));
                    store.close();
                    assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
                }))
                .isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> store.put("key", out -> out.write(1))).isInstanceOf(StoreClosedException.class);
        open();
        assertThat(store.get("key")).isEqualTo(blob(10));

        assertThatThrownBy(() -> store.put("key", out -> {
                    store.close();
                    new FilterOutputStream(out).write(1);
                }))
                .isInstanceOf(StoreClosedException.class);
        open();
        requireWhole();
    }

    /** What is stored is a record as it should be, with the whole of each write that returned before. */
    @Test
    void threadsThatWriteCommitAndCloseAtOnceStoreAWholeBlobOrNone() throws Exception {
        int piece = 3000;
        for (int round = 0; round < 200; round++) {
            boolean commits = round % 4 != 0;
            store.remove("raced");
            BlobOutputStream out = store.newOutputStream("raced");
            out.write(blob(piece));
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int writer = 0; writer < 2; writer++) {
                tasks.add(() -> {
                    writeUntilRefused(out, piece);
                    return null;
                });
            }
            tasks.add(() -> {
                if (commits) {
                    out.commit();
                }
                out.close();
                return null;
            });
            DurabilityTest.inParallel(tasks);

            byte[] found = store.get("raced");
            assertThat(found != null).isEqualTo(commits);
            for (int from = 0; found != null && from < found.length; from += piece) {
                assertThat(Arrays.copyOfRange(found, from, from + piece)).isEqualTo(blob(piece));
            }
        }
        requireWhole();
    }

    private static void writeUntilRefused(OutputStream out, int piece) {
        for (int i = 0; i < 30; i++) {
            try {
                out.write(blob(piece));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void requireWhole() throws IOException {
        assertThat(store.verify().damage()).isEmpty();
        store.close();
        open();
        assertThat(store.verify().damage()).isEmpty();
        assertThat(store.stats().opening().damageCount()).isZero();
    }

    private static byte[] blob(int length) {
        return TestStores.blob(length, 1);
    }
}
