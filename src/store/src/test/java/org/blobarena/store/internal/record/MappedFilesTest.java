package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.blobarena.arena.ReadMode;
import org.blobarena.store.BlobStore;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are mapped, as the system tells. */
class MappedFilesTest {

    private static final Path MAPPINGS = Path.of("/proc/self/maps");
    private static final int KEYS = 40;
    private static final int BLOB_BYTES = 10_000;

    @TempDir
    Path temporary;

    private Path directory;

    @BeforeEach
    void find() throws IOException {
        assumeThat(MAPPINGS).as("a list of mappings").exists();
        directory = temporary.toRealPath().resolve("store");
    }

    private BlobStore<String> open(ReadMode mode) throws IOException {
        return TestStores.onHeap().readMode(mode).open(directory);
    }

    private void put(BlobStore<String> store, long seed) throws IOException {
        for (int i = 0; i < KEYS; i++) {
            store.put("key" + i, TestStores.blob(BLOB_BYTES, seed + i));
        }
    }

    private void readAll(BlobStore<String> store, long seed) throws IOException {
        for (int i = 0; i < KEYS; i++) {
            assertThat(store.get("key" + i)).isEqualTo(TestStores.blob(BLOB_BYTES, seed + i));
        }
    }

    private Set<String> mapped() throws IOException {
        try (Stream<String> lines = Files.lines(MAPPINGS)) {
            return lines.filter(line -> line.contains(directory + "/"))
                    .map(line -> line.substring(line.lastIndexOf('/') + 1))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** All but the one that takes records, and one that waits to be sealed. None that is not there any more. */
    private void requireThatSealedFilesAreMapped() throws IOException {
        Set<String> files = TestStores.arenas(directory).stream()
                .map(file -> file.getFileName().toString())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(mapped()).isSubsetOf(files).hasSizeGreaterThan(3).hasSizeGreaterThanOrEqualTo(files.size() - 2);
    }

    @Test
    void filesAreMappedOnceTheyAreSealedAndReadAndLetGoAtTheClose() throws IOException {
        try (BlobStore<String> store = open(ReadMode.MAPPED)) {
            put(store, 1);
            readAll(store, 1);
            store.compact(); // Seals what is rolled.
            readAll(store, 1);
            requireThatSealedFilesAreMapped();
        }
        assertThat(mapped()).isEmpty();
    }

    @Test
    void filesOfAnEarlierOpeningAreMappedAndOthersAreNot() throws IOException {
        try (BlobStore<String> store = open(ReadMode.POSITIONAL)) {
            put(store, 1);
            readAll(store, 1);
            assertThat(mapped()).isEmpty();
        }
        try (BlobStore<String> store = open(ReadMode.MAPPED)) {
            readAll(store, 1);
            requireThatSealedFilesAreMapped();
        }
    }

    @Test
    void filesThatCompactionReplacesAreUnmappedSoThatTheirSpaceIsFree() throws IOException {
        try (BlobStore<String> store = open(ReadMode.MAPPED)) {
            put(store, 1);
            readAll(store, 1);
            put(store, 2);
            store.compact();
            readAll(store, 2);
            requireThatSealedFilesAreMapped();
        }
    }
}
