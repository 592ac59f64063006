package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.SpecifiedChecksums;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenRefusalTest {

    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("store");
    }

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap().open(directory());
    }

    @Test
    void fileIsNotAStore() throws IOException {
        Files.writeString(directory(), "a file");

        assertThatThrownBy(this::open).isInstanceOf(NotAStoreException.class).hasMessageContaining("store");
        assertThat(Files.readString(directory())).isEqualTo("a file");
    }

    @Test
    void missingDirectoryIsNotMadeWhenNoneIsToBeMade() {
        assertThatThrownBy(() -> TestStores.onHeap()
                        .createIfMissing(false)
                        .open(directory().resolve("deep")))
                .isInstanceOf(NotAStoreException.class);
        assertThat(directory()).doesNotExist();
    }

    @Test
    void emptyDirectoryStaysEmptyWhenNoStoreIsToBeMade() throws IOException {
        Files.createDirectory(directory());

        assertThatThrownBy(() -> TestStores.onHeap().createIfMissing(false).open(directory()))
                .isInstanceOf(NotAStoreException.class);
        assertThat(directory()).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"photo.jpg", "00000001.arena", "CLEAN"})
    void directoryOfOtherFilesIsLeftAsItIs(String name) throws IOException {
        Files.createDirectory(directory());
        Files.writeString(directory().resolve(name), "foreign");

        assertThatThrownBy(this::open).isInstanceOf(NotAStoreException.class).hasMessageContaining(name);
        assertThat(TestStores.files(directory())).containsOnlyKeys(name);
        assertThat(Files.exists(directory().resolve("LOCK"))).isFalse();
        assertThat(Files.readString(directory().resolve(name))).isEqualTo("foreign");
    }

    @Test
    void makingOfAStoreThatWasCutShortIsRepeated() throws IOException {
        Files.createDirectory(directory());
        Files.writeString(directory().resolve("LOCK"), "123\n");
        Files.writeString(directory().resolve("STORE.tmp"), "half");

        try (BlobStore<String> store = open()) {
            store.put("key", new byte[1]);
        }
        assertThat(TestStores.files(directory())).doesNotContainKey("STORE.tmp");
    }

    @Test
    void openStoreIsLockedWithinTheProcess() throws IOException {
        try (BlobStore<String> store = open()) {
            store.put("key", new byte[1]);
            assertThatThrownBy(this::open)
                    .isInstanceOf(StoreLockedException.class)
                    .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
            assertThat(store.get("key")).hasSize(1);
        }
        open().close();
    }

    @Test
    void storeOfAnotherProcessIsLockedUntilThatIsKilled() throws Exception {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        directory().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader output = holder.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("open");

            assertThatThrownBy(this::open)
                    .isInstanceOf(StoreLockedException.class)
                    .hasMessageContaining("process " + holder.pid());

            holder.destroyForcibly().waitFor();
            try (BlobStore<String> store = open()) {
                assertThat(store.get("key")).isEqualTo(new byte[] {1, 2, 3});
                assertThat(store.stats().opening().clean()).isFalse();
            }
        } finally {
            holder.destroyForcibly();
        }
    }

    /** Opens a store, says so, and waits to be killed. */
    static final class Holder {

        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            BlobStore<String> store = BlobStore.open(Path.of(arguments[0]), KeyCodec.utf8());
            store.put("key", new byte[] {1, 2, 3});
            System.out.println("open");
            System.out.flush();
            int unused = System.in.read();
        }
    }

    @Test
    void arenaFileOfAnotherStoreIsRefusedByName() throws IOException {
        makeStore();
        write(
                "00000002.arena",
                new ArenaHeader(2, UUID.randomUUID(), 1).encode().array());

        checkRefused(ForeignFileException.class, "00000002.arena", "another store");
    }

    @Test
    void arenaFileUnderAnotherNameIsRefusedByName() throws IOException {
        makeStore();
        Files.copy(directory().resolve("00000001.arena"), directory().resolve("0000000a.arena"));

        checkRefused(ForeignFileException.class, "0000000a.arena", "expected id 10, found 1");
    }

    @Test
    void newerArenaFileIsRefusedByName() throws IOException {
        makeStore();
        byte[] file = Files.readAllBytes(directory().resolve("00000001.arena"));
        file[8] = 2;
        sealFrame(file, 0);
        write("00000001.arena", file);

        checkRefused(UnsupportedFormatException.class, "00000001.arena", "version 2");
    }

    @Test
    void newerStoreIsRefused() throws IOException {
        makeStore();
        byte[] identity = Files.readAllBytes(directory().resolve("STORE"));
        for (int copy : StoreIdentity.COPY_OFFSETS) {
            identity[copy + 9] = 1;
            sealFrame(identity, copy);
        }
        write("STORE", identity);

        checkRefused(UnsupportedFormatException.class, "STORE", "version 257");
    }

    @Test
    void damagedOrCutIdentityIsRefused() throws IOException {
        makeStore();
        byte[] identity = Files.readAllBytes(directory().resolve("STORE"));
        write("STORE", Arrays.copyOf(identity, 63));
        checkRefused(CorruptBlobException.class, "STORE", "63");

        for (int copy : StoreIdentity.COPY_OFFSETS) {
            identity[copy + 35] ^= 1;
        }
        write("STORE", identity);
        checkRefused(CorruptBlobException.class, "STORE", "checksum");
    }

    @Test
    void identityWithOneDamagedCopyIsReportedAndTheStoreOpened() throws IOException {
        makeStore();
        byte[] identity = Files.readAllBytes(directory().resolve("STORE"));
        identity[35] ^= 1;
        write("STORE", identity);

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damageCount()).isEqualTo(1);
            assertThat(store.get("key")).hasSize(100);
        }
    }

    @Test
    void refusedStoreOpensCleanOnceTheForeignFileIsGone() throws IOException {
        try (BlobStore<Long> store = BlobStore.open(directory(), KeyCodec.longs())) {
            store.put(1L, new byte[1]);
        }
        write(
                "00000002.arena",
                new ArenaHeader(2, UUID.randomUUID(), 1).encode().array());
        assertThatThrownBy(() -> BlobStore.open(directory(), KeyCodec.longs()))
                .isInstanceOf(ForeignFileException.class);
        Files.delete(directory().resolve("00000002.arena"));

        try (BlobStore<Long> store = BlobStore.open(directory(), KeyCodec.longs())) {
            assertThat(store.stats().opening().clean()).isTrue();
            assertThat(store.get(1L)).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "STORE",
                "STORE.tmp",
                "LOCK",
                "CLEAN",
                "CLEAN.tmp",
                "RESERVE",
                "00000001.arena",
                "00000009.arena",
                "00000009.arena.tmp",
                "index-0000000000000001.map"
            })
    void linkUnderANameOfTheStoreIsRefusedByNameAndLeftAlone(String name) throws IOException {
        makeStore();
        Path target = temporary.resolve("elsewhere");
        if (Files.exists(directory().resolve(name))) {
            Files.move(directory().resolve(name), target);
        } else {
            Files.writeString(target, "precious");
        }
        byte[] before = Files.readAllBytes(target);
        Files.createSymbolicLink(directory().resolve(name), target);

        checkRefused(ForeignFileException.class, name);
        assertThat(target).hasBinaryContent(before);
        assertThatThrownBy(() -> BlobStore.repair(directory()))
                .isInstanceOf(ForeignFileException.class)
                .hasMessageContaining(name);
        assertThat(target).hasBinaryContent(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"STORE", "LOCK", "CLEAN", "RESERVE", "00000009.arena", "STORE.tmp", "CLEAN.tmp"})
    @Timeout(60)
    void pipeOrDirectoryUnderANameOfTheStoreIsRefusedByName(String name) throws Exception {
        makeStore();
        Files.deleteIfExists(directory().resolve(name));
        Files.createDirectory(directory().resolve(name));
        assertThatThrownBy(this::open).isInstanceOf(ForeignFileException.class).hasMessageContaining(name);
        assertThat(directory().resolve(name)).isDirectory();

        Files.delete(directory().resolve(name));
        assumeTrue(new ProcessBuilder("mkfifo", directory().resolve(name).toString())
                        .start()
                        .waitFor()
                == 0);
        assertThatThrownBy(this::open).isInstanceOf(ForeignFileException.class).hasMessageContaining(name);
    }

    @Test
    void markOfAnyLengthIsReadWithinABound() throws IOException {
        makeStore();
        try (RandomAccessFile mark =
                new RandomAccessFile(directory().resolve("CLEAN").toFile(), "rw")) {
            mark.setLength(64L << 30);
        }

        try (BlobStore<String> store = open()) {
            assertThat(store.get("key")).hasSize(100);
            assertThat(store.stats().opening().clean()).isFalse();
        }
    }

    @Test
    void nothingIsChangedBesideAnIdentityThatIsNone() throws IOException {
        Files.createDirectory(directory());
        Files.writeString(directory().resolve("STORE"), "a shop's list");
        Files.writeString(directory().resolve("CLEAN.tmp"), "towels");

        assertThatThrownBy(this::open).isInstanceOf(CorruptBlobException.class);
        assertThat(directory().toFile().list()).containsExactlyInAnyOrder("STORE", "CLEAN.tmp");
    }

    @Test
    void directoryOfAnotherFileSystemIsRefused() throws IOException {
        Path zip = temporary.resolve("a.zip");
        try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            assertThatThrownBy(() -> BlobStore.open(files.getPath("/store"), KeyCodec.utf8()))
                    .isInstanceOf(NotAStoreException.class)
                    .hasMessageContaining("'jar'");
        }
    }

    @Test
    void workingDirectoryThatTheEncodingCannotExpressIsRefusedPlainlyAndNothingIsMade() throws Exception {
        Path working = temporary.resolve("w\u00f6rk");
        try {
            Files.createDirectory(working);
        } catch (InvalidPathException e) {
            assumeTrue(false, "this JVM cannot express it either");
        }
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Opener.class.getName(),
                        "store")
                .directory(working.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("LC_ALL", "C");
        try (BufferedReader output = builder.start().inputReader(StandardCharsets.UTF_8)) {
            String line = output.readLine();
            assumeTrue(!"opened".equals(line), "the system takes C for UTF-8");
            assertThat(line).startsWith("NotAStoreException").contains("LC_ALL=C.UTF-8");
        }
        assertThat(working).isEmptyDirectory();
        assertThat(temporary.toFile().list()).hasSize(1);
    }

    /** Opens a store at a path and says what came of it. */
    static final class Opener {

        private Opener() {}

        public static void main(String[] arguments) {
            try (BlobStore<String> store = BlobStore.open(Path.of(arguments[0]), KeyCodec.utf8())) {
                System.out.println(store.size() == 0 ? "opened" : "not empty");
            } catch (IOException | RuntimeException | Error e) {
                System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
            }
        }
    }

    private void makeStore() throws IOException {
        try (BlobStore<String> store = open()) {
            store.put("key", new byte[100]);
        }
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.write(directory().resolve(name), bytes);
    }

    private void checkRefused(Class<? extends Exception> type, String... words) throws IOException {
        Map<String, byte[]> before = TestStores.files(directory());
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(this::open).isInstanceOf(type).hasMessageContainingAll(words);
        }
        assertThat(TestStores.files(directory())).containsExactlyEntriesOf(before);
    }

    /** Puts the checksum of an identity or an arena header right. */
    private static void sealFrame(byte[] bytes, int at) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(at + 60, SpecifiedChecksums.of(buffer, at, at + 60));
    }
}
