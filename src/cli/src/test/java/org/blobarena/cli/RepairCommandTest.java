package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command, its output and its status, on a store with the usual index. */
class RepairCommandTest {

    private static final int HEADER_AND_KEY = 32 + 3;

    @TempDir
    Path temp;

    private Path store;
    private Path arena;

    @BeforeEach
    void makeStore() {
        store = temp.resolve("store");
        arena = store.resolve("00000001.arena");
        put("k\n1", "old value");
        put("k\n1", "new value");
        put("other", "another");
    }

    @Test
    void nothingToRepairIsStatusZero() {
        Cli.Result result = Cli.on(store, "repair");

        assertThat(result.status()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.lines()).containsExactly("repaired: 0 files set aside, 0 records kept, 0 losses");
        assertThat(Cli.on(store, "repair", "--json").out())
                .isEqualTo("{\"lossless\":true,\"recordsKept\":0,\"identityRewritten\":false,\"setAside\":[],"
                        + "\"lostCount\":0,\"lost\":[]}\n");
        assertThat(Cli.on(store, "ls").lines()).contains("other");
    }

    @Test
    void losslessRepairIsStatusZero() throws IOException {
        flip(arena, 20);
        flip(store.resolve("STORE"), 20);

        Cli.Result result = Cli.on(store, "repair");

        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(result.lines())
                .containsExactly(
                        "set aside " + arena + " as " + store.resolve("00000001.damaged") + "; 2 of its records are in "
                                + store.resolve("00000002.arena"),
                        "repaired: 1 files set aside, 2 records kept, 0 losses, identity rewritten");
        assertThat(Cli.on(store, "verify").status()).isZero();
        assertThat(Cli.on(store, "get", "k\n1").out()).isEqualTo("new value");
    }

    @Test
    void lossIsListedOnOneLineAndStatusOne() throws IOException {
        int second = flipBlob("new value") - HEADER_AND_KEY;

        Cli.Result result = Cli.on(store, "repair");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.errLines()).containsExactly("blobarena: " + store + ": 1 losses");
        assertThat(result.lines())
                .contains("lost key k\\x0a1: " + arena + ", offset " + second + ", " + (HEADER_AND_KEY + 9) + " bytes");
        assertThat(Cli.on(store, "verify").status()).isZero();
        assertThat(Cli.on(store, "get", "k\n1").status()).isEqualTo(1);
        assertThat(Cli.on(store, "get", "other").out()).isEqualTo("another");
        assertThat(Cli.on(store, "repair").status()).isZero();
    }

    @Test
    void lossIsListedAsJson() throws IOException {
        int second = flipBlob("new value") - HEADER_AND_KEY;

        Cli.Result result = Cli.on(store, "repair", "--json");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out())
                .startsWith(
                        "{\"lossless\":false,\"recordsKept\":1,\"identityRewritten\":false,\"setAside\":[{\"file\":\"")
                .endsWith("\"lostCount\":1,\"lost\":[{\"key\":\"k\\u000a1\",\"blob\":true,\"file\":\"" + arena
                        + "\",\"offset\":" + second + ",\"length\":44}]}\n");
    }

    @Test
    void lossOfAMissingFileIsListedByItsPlaces() throws IOException {
        Files.delete(arena);

        Cli.Result result = Cli.on(store, "repair");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.lines()).hasSize(3);
        assertThat(result.lines().get(0)).startsWith("lost a blob of an unknown key: " + arena + ", offset ");
        assertThat(Cli.on(store, "verify").status()).isZero();
    }

    @Test
    void keyThatIsNotTextIsListedByItsBytes() throws IOException {
        try (BlobStore<byte[]> bytes = BlobStore.open(store, KeyCodec.bytes())) {
            bytes.put(new byte[] {(byte) 0xff, 1}, "binary".getBytes(StandardCharsets.US_ASCII));
        }
        flipBlob("binary");

        assertThat(Cli.on(store, "repair").lines().get(1)).startsWith("lost key of bytes ff01: ");
    }

    @Test
    void whatCannotBeRepairedIsOneLineAndStatusThree() throws IOException {
        Path missing = temp.resolve("missing");
        assertFailed(Cli.on(missing, "repair"), "does not exist");
        assertThat(missing).doesNotExist();
        try (BlobStore<String> open = BlobStore.open(store, KeyCodec.utf8())) {
            assertFailed(Cli.on(store, "repair"), "is in use by this process ");
            assertThat(open.contains("other")).isTrue();
        }
        Path identity = store.resolve("STORE");
        flip(identity, 20);
        flip(identity, 512 + 20);
        assertFailed(Cli.on(store, "repair"), identity.toString());
        assertThat(Cli.run("repair").status()).isEqualTo(2);
        assertThat(Cli.on(store, "repair", "--nosuch").status()).isEqualTo(2);
    }

    private static void assertFailed(Cli.Result result, String problem) {
        assertThat(result.errLines())
                .singleElement()
                .asString()
                .startsWith("blobarena: ")
                .contains(problem);
        assertThat(result.status()).isEqualTo(3);
    }

    private void put(String key, String blob) {
        assertThat(Cli.on(store, blob.getBytes(StandardCharsets.UTF_8), "put", key)
                        .status())
                .isZero();
    }

    /** Returns where the blob stands. */
    private int flipBlob(String blob) throws IOException {
        int offset = Files.readString(arena, StandardCharsets.ISO_8859_1).indexOf(blob);
        flip(arena, offset);
        return offset;
    }

    private static void flip(Path file, int offset) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[offset] ^= 1;
        Files.write(file, bytes);
    }
}
