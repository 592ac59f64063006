package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.blobarena.content.ContentStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots that become later ones, what is made of them, and commands at a pace. */
class SnapshotCommandTest {

    @TempDir
    Path temp;

    private Path store;
    private Path snapshot;

    @BeforeEach
    void makeStore() {
        store = temp.resolve("store");
        snapshot = temp.resolve("snapshot");
        put(store, "k", "then");
    }

    private static void put(Path directory, String key, String blob) {
        assertThat(Cli.on(directory, blob.getBytes(StandardCharsets.UTF_8), "put", key)
                        .status())
                .isZero();
    }

    private static void requireDone(Cli.Result result) {
        assertThat(result.out() + result.err()).isEmpty();
        assertThat(result.status()).isZero();
    }

    private static void requireRefused(Cli.Result result, int status, String message) {
        assertThat(result.status()).isEqualTo(status);
        assertThat(result.err()).contains(message).doesNotContain("\tat ").hasLineCount(1);
    }

    @Test
    void incrementalSnapshotBecomesTheLaterOneAlsoAfterItWasRead() throws IOException {
        requireDone(Cli.on(store, "snapshot", "--incremental", snapshot.toString()));
        assertThat(Cli.on(snapshot, "get", "k").out()).isEqualTo("then");
        assertThat(Cli.on(snapshot, "verify", "--rate", "1G").out()).startsWith("verified 1 keys, ");
        put(store, "k", "now");

        requireDone(Cli.on(store, "snapshot", "--incremental", "--rate", "50m", snapshot.toString()));

        assertThat(Cli.on(snapshot, "get", "k").out()).isEqualTo("now");
        try (Stream<Path> files = Files.list(snapshot)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .allMatch(name -> name.equals("STORE") || name.endsWith(".arena"));
        }
    }

    @Test
    void snapshotThatWasWrittenToOrIsOfAnotherStoreIsNotMixed() {
        requireDone(Cli.on(store, "snapshot", snapshot.toString()));
        put(snapshot, "k", "changed");
        requireRefused(Cli.on(store, "snapshot", "--incremental", snapshot.toString()), 3, "it was opened as a store");
        Path other = temp.resolve("other");
        put(other, "k", "blob");
        Path ofOther = temp.resolve("ofOther");
        requireDone(Cli.on(other, "snapshot", ofOther.toString()));
        requireRefused(
                Cli.on(store, "snapshot", "--incremental", ofOther.toString()), 3, "expected a snapshot of store");
    }

    @Test
    void restoreMakesAStoreOfASnapshotAndMixesNothing() throws IOException {
        requireDone(Cli.on(store, "snapshot", snapshot.toString()));
        Path restored = temp.resolve("restored");

        requireDone(Cli.run("restore", "--rate", "5M", snapshot.toString(), restored.toString()));

        put(restored, "k", "goes on");
        assertThat(Cli.on(snapshot, "get", "k").out()).isEqualTo("then");
        requireRefused(Cli.run("restore", snapshot.toString(), restored.toString()), 3, "needs an empty directory");
        requireRefused(
                Cli.run("restore", restored.toString(), temp.resolve("x").toString()), 3, "make a snapshot of it");
        Files.delete(snapshot.resolve("STORE"));
        requireRefused(Cli.run("restore", snapshot.toString(), temp.resolve("x").toString()), 3, "holds no store");
        requireRefused(
                Cli.run("restore", snapshot.toString(), snapshot.resolve("x").toString()), 2, "lie inside each other");
    }

    @Test
    void rateThatIsNoneIsRefused() {
        for (String rate : List.of("0", "fast", "-1", "99999999999999999G", "1 M")) {
            requireRefused(Cli.on(store, "verify", "--rate", rate), 2, "'" + rate + "' is ");
        }
    }

    @Test
    void snapshotOfContentsIsRestoredAndNotIncremental() throws IOException {
        Path contents = temp.resolve("contents");
        Path source = Trees.file(temp.resolve("in"), "a", "same").getParent();
        assertThat(Cli.on(contents, "import", "--dedup", source.toString()).status())
                .isZero();
        requireDone(Cli.on(contents, "snapshot", "--rate", "10M", snapshot.toString()));
        requireRefused(
                Cli.on(contents, "snapshot", "--incremental", snapshot.toString()), 2, "--incremental is for other");
        Path restored = temp.resolve("restored");
        requireDone(Cli.run("restore", snapshot.toString(), restored.toString()));
        assertThat(Cli.on(restored, "get", "a").out()).isEqualTo("same");
    }

    @Test
    void commandsThatReadWorkOnContentsThatAreOpenAndLeaveNothing() throws IOException {
        Path directory = temp.resolve("contents");
        try (ContentStore contents = ContentStore.open(directory)) {
            contents.put("a/b", "blob".getBytes(StandardCharsets.US_ASCII));
            contents.put("a/c", "blob".getBytes(StandardCharsets.US_ASCII));
            List<String> before = names(directory);

            assertThat(Cli.on(directory, "get", "a/b").out()).isEqualTo("blob");
            assertThat(Cli.on(directory, "get", "d").status()).isEqualTo(1);
            assertThat(Cli.on(directory, "contains", "a/c").status()).isZero();
            assertThat(Cli.on(directory, "ls", "--long").out().lines()).containsExactlyInAnyOrder("4\ta/b", "4\ta/c");
            assertThat(Cli.on(directory, "du").out()).contains("\t8\t2\ta/\n");
            assertThat(Cli.on(directory, "stat").out())
                    .contains("names:\nkeys          2\n", "contents:\nkeys          1");
            assertThat(Cli.on(directory, "stat", "a/b").out()).contains("blobBytes     4\n");
            assertThat(Cli.on(directory, "verify").out()).startsWith("verified 3 keys, ");
            Path copy = temp.resolve("copy");
            assertThat(Cli.on(directory, "export", copy.toString()).status()).isZero();
            assertThat(copy.resolve("a/c")).hasContent("blob");

            assertThat(names(directory)).isEqualTo(before);
            contents.put("d", new byte[1]);
            assertThat(Cli.on(directory, "ls").out().lines()).containsExactlyInAnyOrder("a/b", "a/c", "d");
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(Path::toString).sorted().toList();
        }
    }
}
