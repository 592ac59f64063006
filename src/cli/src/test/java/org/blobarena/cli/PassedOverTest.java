package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.cli.text.EscapedName;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.RawText;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** One file or key that cannot be moved holds up no other, is named and is counted. */
@DisabledOnOs(OS.WINDOWS)
class PassedOverTest extends TreeFixture {

    @Test
    void importGoesOnPastEveryKindOfFile() throws IOException {
        makeTreeOfOddFiles();

        Cli.Result result = importTree();

        assertThat(result.errLines())
                .containsExactly(
                        "blobarena: " + tree + "/b\\xff: is not imported: the name is not valid UTF-8",
                        "blobarena: " + tree
                                + "/c: is not imported: is too large: a blob has at most 4293918719 bytes");
        assertThat(result.lines())
                .singleElement()
                .asString()
                .startsWith("imported 3 files, 3 bytes in ")
                .endsWith("; 2 files not imported");
        assertThat(result.status()).isEqualTo(3);
        assertThat(keys()).containsExactlyInAnyOrder("a", "d/e", "f");
    }

    @Test
    void importThatFailsFastEndsAtTheFirstAndKeepsWhatWasBefore() throws IOException {
        makeTreeOfOddFiles();

        Cli.Result result = importTree("--fail-fast");

        assertThat(result.errLines()).singleElement().asString().contains("b\\xff");
        assertThat(result.out()).startsWith("imported 1 files, ").endsWith("; 1 files not imported\n");
        assertThat(result.status()).isEqualTo(3);
        assertThat(keys()).containsExactly("a");
    }

    @Test
    void importGoesOnPastFileThatVanishesOrGrowsMeanwhile() throws IOException {
        for (String name : new String[] {"a", "b", "c", "d"}) {
            Trees.file(tree, name, name);
        }
        OutputStream watcher = new OutputStream() { // Gets each key once it is acknowledged.
                    private boolean done;

                    @Override
                    public void write(int b) throws IOException {
                        if (!done) {
                            done = true;
                            Files.delete(tree.resolve("b"));
                            Files.writeString(tree.resolve("d"), "longer than it was");
                        }
                    }

                    @Override
                    public void write(byte[] bytes, int from, int length) throws IOException {
                        write(0);
                    }
                };

        Cli.Result result = Cli.into(watcher, store, "import", "--verbose", tree.toString());

        assertThat(result.errLines())
                .containsExactly("blobarena: " + tree + "/b: is not imported: no such file or directory");
        assertThat(result.status()).isEqualTo(3);
        assertThat(keys()).containsExactlyInAnyOrder("a", "c", "d");
        assertThat(Cli.on(store, "get", "d").out()).isEqualTo("longer than it was");
    }

    @Test
    void importGoesInTheOrderOfNamesAndPassesOverUnfinishedFiles() throws IOException {
        for (String name :
                new String[] {"b", "a/z", "a-b", "a/.blobarena-1.part", ".blobarena-2.part", "B", "ä", "c/a"}) {
            Trees.file(tree, name, "x");
        }

        List<String> lines = importTree("--verbose").lines();

        assertThat(lines.subList(0, lines.size() - 1)).containsExactly("B", "a/z", "a-b", "b", "c/a", "ä");
    }

    @Test
    void exportGoesOnPastKeysThatAreNoFileNamesInTheOrderOfKeys() throws IOException {
        List<String> keys =
                List.of("", "../up", "/etc/x", "a", "a/b", "https://example.org/", "l".repeat(300), "ok/file", "z");
        for (String key : keys) {
            Cli.on(store, key.getBytes(StandardCharsets.UTF_8), "put", "--", key);
        }
        Cli.on(store, new byte[1], "put", "\udcff");

        Cli.Result result = export();

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.errLines()).hasSize(7);
        assertThat(result.errLines().stream()
                        .map(line -> line.replaceFirst("blobarena: key \"([^\"]*)\" is not exported: .+", "$1")))
                .containsExactly("", "../up", "/etc/x", "a/b", "https://example.org/", "l".repeat(300), "\\xff");
        assertThat(result.out()).startsWith("exported 3 files, ").endsWith("; 7 keys not exported\n");
        assertThat(Trees.contents(out)).containsOnlyKeys("a", "ok/file", "z");

        Cli.Result fast =
                Cli.on(store, "export", "--fail-fast", temp.resolve("fast").toString());
        assertThat(fast.status()).isEqualTo(3);
        assertThat(fast.errLines()).hasSize(1);
        assertThat(temp.resolve("fast")).isEmptyDirectory();
    }

    @Test
    void exportGoesOnPastDamagedBlob() throws IOException {
        for (String key : new String[] {"a", "b", "c"}) {
            Cli.on(store, ("blob of " + key).getBytes(StandardCharsets.UTF_8), "put", key);
        }
        Path arena = store.resolve("00000001.arena");
        byte[] bytes = Files.readAllBytes(arena);
        bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf("blob of b")] ^= 1;
        Files.write(arena, bytes);

        Cli.Result result = export();

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.errLines()).singleElement().asString().contains("00000001.arena");
        assertThat(Trees.contents(out)).containsOnlyKeys("a", "c");
    }

    @Test
    void escapedExportAndUnescapedImportRoundTripEveryKey() throws IOException {
        List<byte[]> keys = new ArrayList<>();
        for (String key : new String[] {
            "",
            "a",
            "a/b",
            "A",
            "..",
            ".",
            "/",
            "//",
            "https://example.org/",
            "%",
            "%41",
            "%-",
            "%-x.key",
            "a.key",
            ".blobarena-1.part",
            "\0",
            "\n",
            "ä",
            "\udcfe",
            "\udcff",
            "x".repeat(240),
            "x".repeat(241),
            "ü".repeat(300)
        }) {
            keys.add(RawText.encode(key));
        }
        keys.add(new byte[65_535]);
        try (BlobStore<byte[]> original = BlobStore.open(store, KeyCodec.bytes())) {
            for (byte[] key : keys) {
                original.put(key, ByteBuffer.wrap(key));
            }
        }
        Path other = temp.resolve("other");

        Cli.Result exported = export("--escape");
        Cli.Result imported = Cli.on(other, "import", "--unescape", out.toString());

        assertThat(exported.err() + imported.err()).isEmpty();
        assertThat(exported.status() + imported.status()).isZero();
        assertThat(imported.out()).startsWith("imported " + keys.size() + " files");
        try (BlobStore<byte[]> copy = BlobStore.open(other, KeyCodec.bytes())) {
            assertThat(copy.size()).isEqualTo(keys.size());
            for (byte[] key : keys) {
                assertThat(copy.get(key)).isEqualTo(key);
            }
        }
    }

    @Test
    void unescapedImportPassesOverNamesThatNoExportGives() throws IOException {
        String hashed = EscapedName.of(Key.of("x".repeat(300)));
        Trees.file(tree, "ok%2Fkey", "1");
        Trees.file(tree, "not escaped", "1");
        Trees.file(tree, "in/directory", "1");
        Trees.file(tree, hashed, "1");
        Trees.file(tree, hashed + ".key", "another key");

        Cli.Result result = importTree("--unescape");

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.errLines()).hasSize(3);
        assertThat(keys()).containsExactly("ok/key");
    }

    private void makeTreeOfOddFiles() throws IOException {
        Trees.file(tree, "a", "1");
        makeFileWithBytes("b%FF");
        makeTooLargeFile("c");
        Trees.file(tree, "d/e", "2");
        Trees.file(tree, "f", "3");
    }
}
