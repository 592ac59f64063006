package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives between the command line and other programs, through pipes and in a small heap. */
@DisabledOnOs(OS.WINDOWS)
class ArchiveProcessTest {

    private static final long LARGE_BYTES = 100_000_000;

    @TempDir
    Path temp;

    private Path store;
    private Path tree;
    private Launcher launcher;
    private Map<String, String> environment;

    @BeforeEach
    void makeLauncher() throws IOException {
        launcher = new Launcher(temp.resolve("checkout"));
        store = temp.resolve("store");
        tree = Files.createDirectory(temp.resolve("tree"));
        environment = Map.of("BLOBARENA_STORE", store.toString(), "BLOBARENA_JAVA_OPTS", "-Xmx64m");
    }

    @Test
    void tarOfGnuAndOursCarryTheSameFilesBothWays() throws Exception {
        Assumptions.assumeTrue(isThere("tar"), "no tar here");
        makeTree();

        Launcher.Result result = launcher.shell(
                environment,
                "for format in gnu posix; do",
                "tar -c --format $format -C '" + tree
                        + "' . | blobarena --store $format import --format tar - >summary",
                "mkdir out-$format",
                "blobarena --store $format export --format tar.gz - | tar -xz -C out-$format",
                "diff -r '" + tree + "' out-$format",
                "done");

        assertThat(result.err() + result.out()).isEmpty();
        assertThat(result.status()).isZero();
    }

    @Test
    void sparseFileIsWhole() throws Exception {
        Assumptions.assumeTrue(isThere("tar"), "no tar here");
        Launcher.Result result = launcher.shell(
                environment,
                "printf start >sparse; truncate -s 3000000 sparse; printf end >>sparse",
                "for format in gnu posix; do",
                "tar -cS --format $format sparse | blobarena import --format tar - >summary",
                "blobarena get sparse | cmp - sparse",
                "done");

        assertThat(result.err() + result.out()).isEmpty();
        assertThat(result.status()).isZero();
    }

    @Test
    void unzipAndZipCarryTheSameFilesBothWays() throws Exception {
        Assumptions.assumeTrue(isThere("zip") && isThere("unzip"), "no zip here");
        makeTree();
        Files.delete(tree.resolve("line\nend")); // Which unzip renames.

        Launcher.Result result = launcher.shell(
                environment,
                "(cd '" + tree + "' && zip -qr - .) | blobarena import --format zip - >summary",
                "blobarena export x.zip >summary",
                "unzip -tq x.zip >summary",
                "unzip -q x.zip -d out",
                "diff -r '" + tree + "' out");

        assertThat(result.err() + result.out()).isEmpty();
        assertThat(result.status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "zip", "warc"})
    void largeBlobPassesThroughSmallHeap(String format) throws Exception {
        Trees.large(tree.resolve("large"), LARGE_BYTES, 1);
        Launcher.Result result = launcher.shell(
                environment,
                "blobarena put urn:large '" + tree.resolve("large") + "'",
                "blobarena export --format " + format + " - | blobarena --store copy import --format " + format
                        + " - >summary",
                "blobarena --store copy get urn:large | cmp - '" + tree.resolve("large") + "'");

        assertThat(result.err() + result.out()).isEmpty();
        assertThat(result.status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "zip"})
    void aHundredThousandEntriesPassThroughSmallHeap(String format) throws Exception {
        try (BlobStore<String> made = BlobStore.builder(KeyCodec.utf8())
                .durability(Durability.BUFFERED)
                .open(store)) {
            for (int i = 0; i < 100_000; i++) {
                made.put("urn:directory-" + i % 100 + "/file-" + i, ("blob " + i).getBytes(StandardCharsets.UTF_8));
            }
        }
        Launcher.Result result = launcher.shell(
                environment,
                "blobarena export --format " + format
                        + " - | blobarena --store copy import --durability buffered --format " + format + " -");

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith("imported 100000 files, 988890 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "tar.gz", "zip", "warc"})
    void readerThatGoesAwayEndsTheExportQuietly(String format) throws Exception {
        try (BlobStore<String> made = BlobStore.open(store, KeyCodec.utf8())) {
            for (int i = 0; i < 1000; i++) {
                byte[] blob = new byte[10_000];
                new Random(i).nextBytes(blob);
                made.put("urn:" + i, blob);
            }
        }
        Launcher.Result result = launcher.shell(
                environment,
                "{ blobarena export --format " + format + " -; echo $? >status; } | head -c 100 | wc -c",
                "cat status");

        assertThat(result.err()).isEmpty();
        assertThat(result.out().replace(" ", "")).isEqualTo("100\n0\n");
    }

    private void makeTree() throws IOException {
        Trees.many(tree, 30, 1);
        Trees.file(tree, "ä/日", "x");
        Trees.file(tree, "empty", "");
        Trees.file(tree, "line\nend", "x");
        Trees.file(tree, "-rf", "x");
    }

    private static boolean isThere(String program) throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", "command -v " + program)
                        .redirectErrorStream(true)
                        .start()
                        .waitFor()
                == 0;
    }
}
