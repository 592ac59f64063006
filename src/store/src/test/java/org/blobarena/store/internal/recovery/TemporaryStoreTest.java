package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.arena.internal.io.MemoryFileSystems;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores that are deleted when they are closed, or once their process is dead. */
class TemporaryStoreTest {

    private static final String ABANDONED = "blobarena-0123456789abcdef0123456789abcdef.tmp";

    @TempDir
    Path temporary;

    private List<Path> present() throws IOException {
        try (Stream<Path> paths = Files.list(temporary)) {
            return paths.filter(path -> path.toString().endsWith(".tmp")).toList();
        }
    }

    private BlobStore<String> open() throws IOException {
        return BlobStore.builder(KeyCodec.utf8()).temporary(temporary);
    }

    @Test
    void closeLeavesNothing() throws IOException {
        BlobStore<String> store = open();
        assertThat(present()).containsExactly(StoreAccess.engine(store).directory());
        store.put("a", TestStores.blob(100, 1));
        store.put("long", new byte[5 << 20]);
        BlobOutputStream unfinished = store.newOutputStream("unfinished");
        unfinished.write(new byte[5 << 20]);
        assertThat(store.get("a")).isEqualTo(TestStores.blob(100, 1));

        store.close();

        assertThat(present()).isEmpty();
        assertThatExceptionOfType(StoreClosedException.class).isThrownBy(() -> store.get("a"));
        store.close();
    }

    @Test
    void defaultDirectoryIsThatOfTemporaryFiles() throws IOException {
        Path directory;
        try (BlobStore<String> store = BlobStore.temporary(KeyCodec.utf8())) {
            directory = StoreAccess.engine(store).directory();
            assertThat(directory).isDirectory();
        }
        assertThat(directory).doesNotExist();
    }

    @Test
    void nothingIsEverForced() throws IOException {
        List<TestDirectory> directories = new ArrayList<>();
        StoreEnvironment counting = new StoreEnvironment(
                (path, create) -> {
                    directories.add(new TestDirectory(StoreOpener.openDirectory(path, create)));
                    return directories.get(0);
                },
                HeapLocationIndexFactory.forgetting());
        BlobStoreBuilder<String> builder = StoreAccess.environment(TestStores.onHeap(), counting);
        try (BlobStore<String> store = builder.forceEveryBytes(1).temporary(temporary)) {
            for (int i = 0; i < 200; i++) {
                store.withDurability(TestStores.DURABILITIES.get(i % 3)).put("k" + i % 50, TestStores.blob(2000, i));
            }
            store.put("stream", out -> out.write(TestStores.blob(30_000, 1)));
            store.force();
            store.compact();
            assertThat(store.stats().compaction().filesReplaced()).isPositive();
            assertThat(store.get("k49")).isEqualTo(TestStores.blob(2000, 199));
        }
        assertThat(directories).hasSize(1);
        assertThat(directories.get(0).fileForces()).isZero();
        assertThat(directories.get(0).directoryForces()).isZero();
        assertThat(present()).isEmpty();
    }

    @Test
    void writesAreBuffered() throws IOException {
        try (BlobStore<String> store =
                BlobStore.builder(KeyCodec.utf8()).durability(Durability.FORCED).temporary(temporary)) {
            store.put("a", new byte[100]);
            Path file = TestStores.arenas(StoreAccess.engine(store).directory()).get(0);

            assertThat(Files.size(file)).isLessThan(100);
        }
    }

    @Test
    void snapshotIsRefused() throws IOException {
        try (BlobStore<String> store = open()) {
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> store.snapshot(temporary.resolve("snapshot")))
                    .withMessageContaining("temporary");
        }
    }

    @Test
    void killedProcessLeavesNothingOnceTheNextStoreIsOpened() throws Exception {
        try (ChildJvm child =
                ChildJvm.start(ChildJvm.classPath(), List.of(), TemporaryStoreProgram.class, temporary, "0")) {
            child.awaitLine("open");
            child.kill();
        }
        assertThat(present()).hasSize(1);

        try (BlobStore<String> store = open()) {
            assertThat(present()).containsExactly(StoreAccess.engine(store).directory());
        }
        assertThat(present()).isEmpty();
    }

    @Test
    void storeOfALivingProcessStays() throws Exception {
        try (ChildJvm child =
                ChildJvm.start(ChildJvm.classPath(), List.of(), TemporaryStoreProgram.class, temporary, "0")) {
            child.awaitLine("open");
            List<Path> childs = present();
            try (BlobStore<String> store = open()) {
                assertThat(present()).containsAll(childs).hasSize(2);
                store.put("a", new byte[10]);
            }
            assertThat(present()).isEqualTo(childs);
            child.send("\n");
            child.awaitLine("usable");
        }
    }

    @Test
    void storesOfOneProcessLeaveEachOtherAlone() throws IOException {
        try (BlobStore<String> first = open()) {
            first.put("a", TestStores.blob(100, 1));
            try (BlobStore<String> second = open()) {
                assertThat(second.size()).isZero();
                second.put("a", TestStores.blob(100, 2));
                assertThat(first.get("a")).isEqualTo(TestStores.blob(100, 1));
            }
            first.put("long", new byte[5 << 20]);
            assertThat(first.get("a")).isEqualTo(TestStores.blob(100, 1));
        }
    }

    @Test
    void processesAndThreadsThatOpenAtOnceLeaveEachOtherAlone() throws Exception {
        int rounds = 15;
        Callable<Void> lane = () -> {
            for (int i = 0; i < rounds; i++) {
                TemporaryStoreProgram.useOne(temporary);
            }
            return null;
        };
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try (ChildJvm child = ChildJvm.start(
                ChildJvm.classPath(), List.of(), TemporaryStoreProgram.class, temporary, String.valueOf(rounds))) {
            for (Future<Void> future : executor.invokeAll(List.of(lane, lane))) {
                future.get();
            }
            child.awaitEnd();
        } finally {
            executor.shutdownNow();
        }
        assertThat(present()).isEmpty();
    }

    @Test
    void directoryThatWasLeftEmptyIsDeleted() throws IOException {
        Files.createDirectory(temporary.resolve(ABANDONED));

        open().close();

        assertThat(present()).isEmpty();
    }

    @Test
    void directoryThatIsBeingMadeElsewhereIsReplacedByAnother() throws IOException {
        Path taken = Files.createDirectory(temporary.resolve(ABANDONED));
        try (DirectoryLock lock = new NioDirectory(taken).lock("LOCK")) {
            lock.sign();
            open().close();
            assertThat(taken).isDirectory();
        }
    }

    /** Each of them makes the first directories of a store unusable before it is locked. */
    @Test
    void makerWhoseDirectoryIsTakenForAbandonedMakesAnother() throws IOException {
        List<Path> made = new ArrayList<>();
        StoreEnvironment hindered = new StoreEnvironment(
                (path, create) -> {
                    made.add(path);
                    if (made.size() <= 3) {
                        Files.delete(path);
                    }
                    return StoreOpener.openDirectory(path, create);
                },
                HeapLocationIndexFactory.forgetting());
        try (BlobStore<String> store =
                StoreAccess.environment(TestStores.onHeap(), hindered).temporary(temporary)) {
            store.put("a", new byte[10]);
            assertThat(made).hasSize(4).doesNotHaveDuplicates();
            assertThat(present()).containsExactly(made.get(3));
        }
        assertThat(present()).isEmpty();
    }

    @Test
    void whatIsNotOfATemporaryStoreStays() throws IOException {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("unix");
        Path named = temporary.resolve("blobarena-mine.tmp");
        TestStores.onHeap().open(named).close();
        Path lasting = temporary.resolve("lasting");
        TestStores.onHeap().open(lasting).close();
        Path link = Files.createSymbolicLink(temporary.resolve(ABANDONED), lasting);
        Path other = Files.createDirectory(temporary.resolve(ABANDONED.replace('0', '1')));
        Files.writeString(other.resolve("letter.txt"), "mine");

        open().close();

        assertThat(named.resolve("STORE")).exists();
        assertThat(link).isSymbolicLink();
        assertThat(lasting.resolve("STORE")).exists();
        assertThat(other.resolve("letter.txt")).hasContent("mine");
    }

    @Test
    void directoryInMemoryIsLogged() throws IOException {
        Path sharedMemory = Path.of("/dev/shm");
        assumeThat(Files.isDirectory(sharedMemory)).isTrue();
        assumeThat(Files.getFileStore(sharedMemory).type()).isEqualTo("tmpfs");
        Path parent = Files.createTempDirectory(sharedMemory, "blobarena");
        List<String> logged = new ArrayList<>();
        Logger logger = Logger.getLogger(MemoryFileSystems.class.getName());
        logger.setFilter(record -> {
            logged.add(new SimpleFormatter().formatMessage(record));
            return false;
        });
        try {
            BlobStore.builder(KeyCodec.utf8()).temporary(parent).close();
        } finally {
            logger.setFilter(null);
            Files.delete(parent);
        }
        assertThat(logged).singleElement().asString().contains(parent.toString(), "tmpfs");
    }

    @Test
    void closeAfterSomebodyHasDeletedTheDirectorySucceeds() throws IOException {
        BlobStore<String> store = open();
        Path directory = StoreAccess.engine(store).directory();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);

        store.close();

        assertThat(present()).isEmpty();
    }
}
