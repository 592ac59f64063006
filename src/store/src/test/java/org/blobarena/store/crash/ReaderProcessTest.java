package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.ReadOnlyBlobStore;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes read while another writes and compacts. For longer, and with kills: {@code tools/soak readers}. Shows
 * invariant 18 of store-format.md.
 */
class ReaderProcessTest {

    private static final int READERS = 3;
    private static final long MILLIS = 4000;

    @TempDir
    Path temporary;

    private final long seed = Long.getLong("blobarena.seed", System.nanoTime());

    @Test
    void everyReadOfAnotherProcessIsWhatTheKeyHadSinceItsRefreshAndLeavesNothing() throws Exception {
        System.out.println("ReaderProcessTest: -Dblobarena.seed=" + seed);
        Path store = temporary.resolve("store");
        try (ChildJvm writer = start(store, "write", seed)) {
            writer.awaitLine("open");
            List<ChildJvm> readers = new ArrayList<>();
            try {
                for (int i = 0; i < READERS; i++) {
                    readers.add(start(store, "read", seed + i));
                }
                for (ChildJvm reader : readers) {
                    reader.awaitLine("open");
                    requireDone(reader, "refreshes ");
                }
            } finally {
                for (ChildJvm reader : readers) {
                    reader.close();
                }
            }
            requireDone(writer, "compactions ");
        }
        assertThat(names(store)).allMatch(name -> name.matches("STORE|LOCK|CLEAN|RESERVE|.*\\.arena|index-.*"));
        try (Stream<Path> left = Files.list(scratch())) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void killedWriterIsReadOn() throws Exception {
        Path store = temporary.resolve("store");
        try (ChildJvm writer = start(store, "write", seed)) {
            writer.awaitLine("open");
            try (ReadOnlyBlobStore<Long> reader = BlobStore.openReadOnly(store, KeyCodec.longs())) {
                for (int i = 0; i < 100 || reader.size() == 0; i++) {
                    reader.refresh();
                }
                writer.kill();
                reader.refresh();
                Map<String, FileTime> before = files(store);
                List<Long> keys = reader.keys().sorted().toList();
                assertThat(reader.verify().records()).isPositive();
                assertThat(files(store)).isEqualTo(before);
                try (BlobStore<Long> recovered = BlobStore.open(store, KeyCodec.longs())) {
                    assertThat(recovered.keys().sorted().toList()).isEqualTo(keys);
                }
                reader.refresh();
                assertThat(reader.keys().sorted().toList()).isEqualTo(keys);
            }
        }
    }

    @Test
    void indexOfKilledReaderGoesWithTheNext() throws Exception {
        Path store = temporary.resolve("store");
        try (BlobStore<Long> writer = BlobStore.open(store, KeyCodec.longs())) {
            try (ChildJvm reader = start(store, "read", seed)) {
                reader.awaitLine("open");
                reader.kill();
            }
            try (Stream<Path> left = Files.list(scratch())) {
                assertThat(left).isNotEmpty();
            }
            BlobStore.reader(KeyCodec.longs())
                    .temporaryDirectory(scratch())
                    .open(store)
                    .close();
            try (Stream<Path> left = Files.list(scratch())) {
                assertThat(left).isEmpty();
            }
            writer.put(1L, new byte[] {1});
        }
    }

    @Test
    void readerWritesNothingWhereItMayNot() throws Exception {
        Path store = temporary.resolve("store");
        try (BlobStore<Long> writer = BlobStore.open(store, KeyCodec.longs())) {
            writer.put(1L, new byte[] {1});
        }
        Map<String, FileTime> before = files(store);
        Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("r-xr-xr-x"));
        try (ReadOnlyBlobStore<Long> reader = BlobStore.openReadOnly(store, KeyCodec.longs())) {
            assertThat(reader.get(1L)).containsExactly(1);
            assertThat(reader.stats().opening().damage()).isEmpty();
        } finally {
            Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rwx------"));
        }
        assertThat(files(store)).isEqualTo(before);
    }

    private ChildJvm start(Path store, String what, long itsSeed) throws IOException {
        return ChildJvm.start(
                ChildJvm.classPath(),
                List.of("-Djava.io.tmpdir=" + scratch(), "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
                ReaderProgram.class,
                store,
                what,
                String.valueOf(MILLIS),
                String.valueOf(itsSeed));
    }

    private Path scratch() throws IOException {
        return Files.createDirectories(temporary.resolve("scratch"));
    }

    private static void requireDone(ChildJvm child, String figures) throws Exception {
        List<String> lines = child.awaitEnd();
        assertThat(lines).isNotEmpty();
        String last = lines.get(lines.size() - 1);
        assertThat(last).matches(figures + "[1-9][0-9]*( .*)?");
        System.out.println("ReaderProcessTest: " + last);
    }

    private static List<String> names(Path directory) throws IOException {
        return List.copyOf(files(directory).keySet());
    }

    private static Map<String, FileTime> files(Path directory) throws IOException {
        Map<String, FileTime> files = new TreeMap<>();
        try (Stream<Path> found = Files.list(directory)) {
            for (Path file : found.toList()) {
                files.put(file.getFileName().toString(), Files.getLastModifiedTime(file));
            }
        }
        return files;
    }
}
