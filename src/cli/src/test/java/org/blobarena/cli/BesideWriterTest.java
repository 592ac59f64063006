package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that only read, on a store that is open. */
class BesideWriterTest {

    @TempDir
    Path temp;

    @Test
    void commandsThatReadWorkOnAStoreThatIsOpenAndLeaveNothing() throws IOException {
        Path directory = temp.resolve("store");
        try (BlobStore<String> store =
                BlobStore.builder(KeyCodec.utf8()).automaticCompaction(false).open(directory)) {
            store.put("a/b", "blob".getBytes(StandardCharsets.US_ASCII));
            store.put("c", new byte[100]);
            store.remove("c");
            List<String> before = names(directory);

            assertThat(Cli.on(directory, "get", "a/b").out()).isEqualTo("blob");
            assertThat(Cli.on(directory, "get", "c").status()).isEqualTo(1);
            assertThat(Cli.on(directory, "contains", "a/b").status()).isZero();
            assertThat(Cli.on(directory, "ls", "--long").out()).isEqualTo("4\ta/b\n");
            assertThat(Cli.on(directory, "du").out()).contains("\t4\t1\ta/\n");
            assertThat(Cli.on(directory, "stat").out()).contains("keys          1\n");
            assertThat(Cli.on(directory, "stat", "a/b").out()).contains("blobBytes     4\n");
            assertThat(Cli.on(directory, "verify").out()).startsWith("verified 1 keys, 3 records, ");
            Path copy = temp.resolve("copy");
            assertThat(Cli.on(directory, "export", copy.toString()).status()).isZero();
            assertThat(copy.resolve("a/b")).hasContent("blob");

            assertThat(names(directory)).isEqualTo(before);
            store.put("d", new byte[1]);
            assertThat(Cli.on(directory, "ls").out().lines()).containsExactlyInAnyOrder("a/b", "d");
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
