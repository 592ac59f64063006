package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.blobarena.content.ContentStore;
import org.blobarena.content.Digest;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.OpenReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Kills an importing process at moments that nobody chose, and asks for everything that it had acknowledged. */
@DisabledOnOs(OS.WINDOWS)
class ImportCrashTest {

    private static final int ROUNDS = Integer.getInteger("org.blobarena.cli.rounds", 5);
    private static final int FILES = 3000;

    /** What a pipe and the buffers around it hold of keys, by which the process can be ahead of its reader. */
    private static final int FILES_AHEAD_MAX = 600;

    private static final int SIGKILL_STATUS = 128 + 9;

    @TempDir
    Path temp;

    @Test
    void everyKeyThatWasPrintedIsThereAfterKill() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path tree = temp.resolve("tree");
        Path store = temp.resolve("store");
        Trees.many(tree, FILES, 1);
        Launcher launcher = new Launcher(temp.resolve("checkout"));
        Set<String> acknowledged = new HashSet<>();

        for (int round = 0; round < ROUNDS; round++) {
            int killAfter = 1 + random.nextInt(FILES - FILES_AHEAD_MAX);
            acknowledged.addAll(importAndKill(launcher, tree, store, killAfter));

            OpenReport opening = assertAllThere(store, tree, acknowledged);
            System.out.printf(
                    "seed %d, round %d: killed after %d keys, recovered in %s, %d torn bytes%n",
                    seed, round, killAfter, opening.duration(), opening.tornBytes());
            assertThat(opening.clean()).isFalse();
            Cli.Result verified = Cli.on(store, "verify");
            assertThat(verified.err()).isEmpty();
            assertThat(verified.out()).startsWith("verified ");
            assertThat(verified.status()).isZero();
        }
    }

    @Test
    void everyKeyThatWasPrintedHasItsContentAfterKill() throws Exception {
        Path tree = temp.resolve("tree");
        Path store = temp.resolve("store");
        Trees.many(tree, FILES, 1);
        Launcher launcher = new Launcher(temp.resolve("checkout"));
        int killAfter = 1 + new Random().nextInt(FILES - FILES_AHEAD_MAX);

        Set<String> acknowledged = importAndKill(launcher, tree, store, killAfter, "--dedup");

        try (ContentStore opened = ContentStore.open(store)) {
            for (String key : acknowledged) {
                Digest digest = opened.resolve(key);
                assertThat(digest).as(key).isNotNull();
                assertThat(opened.getVerified(digest)).as(key).isEqualTo(Files.readAllBytes(tree.resolve(key)));
            }
        }
    }

    private static Set<String> importAndKill(Launcher launcher, Path tree, Path store, int killAfter, String... options)
            throws Exception {
        List<String> args = new ArrayList<>(List.of("--store", store.toString(), "import", "--verbose"));
        args.addAll(List.of(options));
        args.add(tree.toString());
        Process process = launcher.builder(Map.of(), args.toArray(String[]::new))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Set<String> keys = new HashSet<>();
        try (Reader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder(); // Dropped when its end is missing, as the kill may cut it.
            for (int next = output.read(); next >= 0; next = output.read()) {
                if (next != '\n') {
                    line.append((char) next);
                    continue;
                }
                keys.add(line.toString());
                line.setLength(0);
                if (keys.size() == killAfter) {
                    process.toHandle().destroyForcibly();
                }
            }
        }
        assertThat(process.waitFor()).as("killed before it was done").isEqualTo(SIGKILL_STATUS);
        assertThat(keys).hasSizeGreaterThanOrEqualTo(killAfter);
        return keys;
    }

    private static OpenReport assertAllThere(Path store, Path tree, Set<String> keys) throws IOException {
        try (BlobStore<String> opened = BlobStore.open(store, KeyCodec.utf8())) {
            for (String key : keys) {
                assertThat(opened.get(key)).as(key).isEqualTo(Files.readAllBytes(tree.resolve(key)));
            }
            return opened.stats().opening();
        }
    }
}
