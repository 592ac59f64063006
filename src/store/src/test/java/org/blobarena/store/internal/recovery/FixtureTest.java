package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.crash.CrashWorkload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Stores of every format version stay readable. A fixture is made by {@link #make}, once, by the version of the
 * library that first wrote its format, and never changed.
 */
class FixtureTest {

    private static final Path FIXTURES = Path.of("src/store/src/test/resources/fixtures");
    private static final int KEYS = 40;

    @Test
    void storeOfFormat1ReadsBack(@TempDir Path directory) throws IOException {
        copy(FIXTURES.resolve("format-1"), directory);

        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            assertContent(store);
            assertThat(store.stats().arenaFiles()).isGreaterThan(1);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    @Test
    void formatIsStillWrittenAsTheFixtureHasIt(@TempDir Path directory) throws IOException {
        make(directory);

        for (String name : names(FIXTURES.resolve("format-1"))) {
            assertThat(directory.resolve(name))
                    .hasSameBinaryContentAs(FIXTURES.resolve("format-1").resolve(name));
        }
    }

    /** The recipe: two arena files, one of them sealed, with overwritten, removed, empty and larger blobs. */
    private static void make(Path directory) throws IOException {
        StoreIdentity identity = new StoreIdentity(new UUID(0x0011223344556677L, 0x8899aabbccddeeffL), 42);
        Files.write(directory.resolve("STORE"), identity.encodeFile().array());
        StoreEnvironment environment = new StoreEnvironment(
                StoreOpener::openDirectory,
                HeapLocationIndexFactory.forgetting(),
                name -> new CrashWorkload.Immediate());
        try (BlobStore<String> store = StoreAccess.environment(
                        BlobStore.builder(KeyCodec.utf8())
                                .arenaBytesMax(64 * 1024)
                                .automaticCompaction(false),
                        environment)
                .open(directory)) {
            for (int i = 0; i < KEYS; i++) {
                store.put("key " + i, blob(i + 1));
            }
            for (int i = 0; i < KEYS; i++) {
                store.put("key " + i, blob(i));
            }
            store.remove("key 7");
        }
        Files.delete(directory.resolve("CLEAN")); // It names an index that is not part of the fixture.
        Files.delete(directory.resolve("LOCK"));
    }

    private static void assertContent(BlobStore<String> store) throws IOException {
        assertThat(store.size()).isEqualTo(KEYS - 1);
        for (int i = 0; i < KEYS; i++) {
            assertThat(store.get("key " + i)).as("key %d", i).isEqualTo(i == 7 ? null : blob(i));
        }
    }

    private static byte[] blob(int number) {
        return ("blob " + number + " ").repeat(number * 5).getBytes(StandardCharsets.US_ASCII);
    }

    private static void copy(Path from, Path to) throws IOException {
        for (String name : names(from)) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
