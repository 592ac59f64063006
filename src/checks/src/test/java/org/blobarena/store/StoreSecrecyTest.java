package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.blobarena.cli.Main;
import org.blobarena.format.FormatException;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody but the owner reads a store, and nobody at all its secret. Shows invariant 15 of store-format.md. */
class StoreSecrecyTest {

    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("deep/store");
    }

    @Test
    void everyFileAndDirectoryIsItsOwnersAlone() throws IOException {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
        try (BlobStore<String> store = open()) {
            fill(store, 0);
            checkPermissions("STORE", "LOCK", "RESERVE", "00000001.arena", "00000002.arena", ".map");
        }
        checkPermissions("CLEAN");
        try (BlobStore<String> store = open()) {
            fill(store, 10);
            store.verify();
            checkPermissions();
            StoreAccess.crash(store);
        }
        checkPermissions();
        open().close();
        damage();
        BlobStore.repair(directory());
        checkPermissions(".damaged");
        open().close();
        checkPermissions("CLEAN", ".map");
    }

    /** @param suffixes of files that have to be there */
    private void checkPermissions(String... suffixes) throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.walk(temporary.resolve("deep"))) {
            for (Path file : files.toList()) {
                names.add(file.getFileName().toString());
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
            }
        }
        for (String suffix : suffixes) {
            assertThat(names).anyMatch(name -> name.endsWith(suffix));
        }
    }

    @Test
    void seedStandsInNoReportExceptionOrOtherFile() throws IOException {
        StringBuilder told = new StringBuilder();
        try (BlobStore<String> store = open()) {
            fill(store, 0);
            told.append(store.stats()).append(store.verify());
        }
        StoreIdentity identity = identity();
        told.append(identity);
        damage();
        try (BlobStore<String> store = open()) {
            told.append(store.stats()).append(store.verify());
            for (int i = 0; i < 10; i++) {
                String key = "key" + i;
                tell(told, catchThrowable(() -> store.get(key)));
            }
            tell(told, catchThrowable(() -> store.put("key", new byte[1 << 20])));
            tell(told, catchThrowable(this::open));
            tell(told, catchThrowable(() -> BlobStore.repair(directory())));
        }
        assertThat(told.toString()).contains("checksum", "CorruptBlobException", "StoreLockedException");
        told.append(BlobStore.repair(directory()));
        checkUntold(told.toString(), identity);
        for (Map.Entry<String, byte[]> file : TestStores.files(directory()).entrySet()) {
            byte[] seed = ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(identity.hashSeed())
                    .array();
            assertThat(contains(file.getValue(), seed))
                    .as(file.getKey())
                    .isEqualTo(file.getKey().equals("STORE"));
        }
    }

    @Test
    void seedStandsInNoOutputOrLogOfTheCommandLine() throws Exception {
        try (BlobStore<String> store = open()) {
            fill(store, 0);
        }
        StoreIdentity identity = identity();
        damage();
        Files.write(directory().resolve("CLEAN"), new byte[200]);
        StringBuilder told = new StringBuilder();
        for (String command : List.of("verify", "repair")) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Dorg.slf4j.simpleLogger.log.org.blobarena=trace",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            "--stacktrace",
                            "--store",
                            directory().toString(),
                            command)
                    .redirectErrorStream(true)
                    .start();
            told.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            process.waitFor();
        }
        assertThat(told.toString()).contains("the mark of the last close is ignored", "damaged places", "repaired: ");
        checkUntold(told.toString(), identity);
    }

    private BlobStore<String> open() throws IOException {
        return BlobStore.builder(KeyCodec.utf8())
                .arenaBytesMax(TestStores.SMALL_FILE_BYTES)
                .open(directory());
    }

    private static void fill(BlobStore<String> store, int from) throws IOException {
        for (int i = from; i < from + 10; i++) {
            store.put("key" + i, TestStores.blob(9000, i));
        }
        store.remove("key" + from);
    }

    private void damage() throws IOException {
        for (Path arena : TestStores.arenas(directory())) {
            byte[] bytes = Files.readAllBytes(arena);
            for (int at = 20; at < bytes.length; at += 5000) {
                bytes[at] ^= 1;
            }
            Files.write(arena, bytes);
        }
    }

    private StoreIdentity identity() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(directory().resolve("STORE")));
        try {
            return StoreIdentity.decode(bytes.slice(0, StoreIdentity.BYTES));
        } catch (FormatException e) {
            throw new IOException(e);
        }
    }

    private static void tell(StringBuilder told, Throwable failure) {
        if (failure != null) {
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            told.append(trace);
        }
    }

    private static void checkUntold(String told, StoreIdentity identity) {
        long seed = identity.hashSeed();
        assertThat(told.toLowerCase(Locale.ROOT))
                .doesNotContain(
                        Long.toString(seed),
                        Long.toUnsignedString(seed),
                        Long.toHexString(seed),
                        Long.toHexString(Long.reverseBytes(seed)));
    }

    private static boolean contains(byte[] bytes, byte[] part) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.contains(new String(part, StandardCharsets.ISO_8859_1));
    }
}
