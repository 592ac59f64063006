package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs that are copied from store to store. */
class CopyTest {

    @TempDir
    Path temp;

    private Path store;
    private Path target;

    @BeforeEach
    void makeStores() throws IOException {
        store = temp.resolve("store");
        target = temp.resolve("target");
        put(store, Map.of("a", "1", "b", "two", "c/d", "3", "\u00e4", ""));
    }

    @Test
    void copyReplacesTheSameKeysAndKeepsOthers() throws IOException {
        put(target, Map.of("a", "old", "z", "other"));

        Cli.Result result = Cli.on(store, "cp", target.toString());

        assertDone(result, "copied 4 files, 5 bytes in ");
        assertThat(blobs(target)).isEqualTo(Map.of("a", "1", "b", "two", "c/d", "3", "\u00e4", "", "z", "other"));
    }

    @Test
    void copyOfPrefixIsThoseKeysAlone() throws IOException {
        assertDone(Cli.on(store, "cp", target.toString(), "c/"), "copied 1 files, 1 bytes in ");
        assertThat(blobs(target)).containsOnlyKeys("c/d");
    }

    @Test
    void syncCopiesOnlyWhatIsMissingOrDiffers() throws IOException {
        put(target, Map.of("a", "1", "b", "owt", "c/d", "33", "z", "other"));

        assertDone(Cli.on(store, "sync", target.toString()), "copied 3 files, 4 bytes in ");
        assertThat(blobs(target)).isEqualTo(Map.of("a", "1", "b", "two", "c/d", "3", "\u00e4", "", "z", "other"));
        assertDone(Cli.on(store, "sync", target.toString()), "copied 0 files, 0 bytes in ");
    }

    @Test
    void syncThatDeletesMakesTheStoresEqualBelowThePrefix() throws IOException {
        put(target, Map.of("c/x", "x", "z", "other"));

        Cli.Result below = Cli.on(store, "sync", "--delete", target.toString(), "c/");
        assertDone(below, "copied 1 files, ");
        assertThat(below.out()).endsWith("; deleted 1 keys\n");
        assertThat(blobs(target)).containsOnlyKeys("c/d", "z");

        assertThat(Cli.on(store, "sync", "--delete", target.toString()).out()).endsWith("; deleted 1 keys\n");
        assertThat(blobs(target)).isEqualTo(blobs(store));
    }

    @Test
    void blobExpiresAtTheSameMomentInTheCopy() throws IOException {
        Expiry expiry = Expiry.at(Instant.now().plusSeconds(100_000));
        try (BlobStore<String> open = BlobStore.open(store, KeyCodec.utf8())) {
            open.put("a", "1".getBytes(StandardCharsets.UTF_8), expiry);
        }

        Cli.on(store, "cp", target.toString());

        try (BlobStore<String> open = BlobStore.open(target, KeyCodec.utf8())) {
            assertThat(open.describe("a").expiry()).isEqualTo(expiry);
            assertThat(open.describe("b").expiry().isNever()).isTrue();
        }
        assertDone(Cli.on(store, "sync", target.toString()), "copied 0 files, ");
        Cli.Result once = Cli.on(store, "cp", "--dedup", temp.resolve("once").toString());
        assertThat(once.errLines())
                .containsExactly(
                        "blobarena: key \"a\" is not copied: it expires, which no content can that other keys may share");
        assertThat(once.status()).isEqualTo(3);
    }

    @Test
    void noStoreIsCopiedIntoItself() throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("link"), store);
        for (Path same : new Path[] {store, link, store.resolve("inside"), temp}) {
            for (String command : new String[] {"cp", "sync"}) {
                Cli.Result result = Cli.on(store, command, same.toString());
                assertThat(result.status()).as(same.toString()).isEqualTo(2);
                assertThat(result.errLines()).singleElement().asString().contains(" inside ");
            }
        }
        assertThat(blobs(store)).hasSize(4);
    }

    @Test
    void storeBeingWrittenIsCopiedButNotWritten() throws IOException {
        try (BlobStore<String> writer = BlobStore.open(store, KeyCodec.utf8())) {
            writer.put("now", "written".getBytes(StandardCharsets.UTF_8));
            assertDone(Cli.on(store, "sync", target.toString()), "copied 5 files, ");
            Cli.Result result = Cli.on(target, "cp", store.toString());
            assertThat(result.status()).isEqualTo(3);
            assertThat(result.errLines()).hasSize(1);
        }
        assertThat(blobs(target)).containsEntry("now", "written");
    }

    @Test
    void keysThatAreNotTextAreCopiedOrNamed() throws IOException {
        Cli.on(store, new byte[] {1}, "put", "\udcff");

        assertDone(Cli.on(store, "cp", target.toString()), "copied 5 files, ");
        assertThat(Cli.on(target, "contains", "\udcff").status()).isZero();
        Cli.Result once = Cli.on(store, "cp", "--dedup", temp.resolve("once").toString());
        assertThat(once.errLines()).singleElement().asString().contains("\\xff").contains("not UTF-8");
        assertThat(once.out()).startsWith("copied 4 files, ").contains("; 1 keys not copied");
    }

    @Test
    void damagedBlobIsNamedAndThenNothingIsDeleted() throws IOException {
        put(store, Map.of("bad", "the damaged blob"));
        put(target, Map.of("z", "other"));
        Path arena = store.resolve("00000001.arena");
        if (!new String(Files.readAllBytes(arena), StandardCharsets.ISO_8859_1).contains("the damaged blob")) {
            arena = store.resolve("00000002.arena");
        }
        byte[] bytes = Files.readAllBytes(arena);
        bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf("the damaged blob")] ^= 1;
        Files.write(arena, bytes);

        Cli.Result result = Cli.on(store, "sync", "--delete", target.toString());

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.errLines()).hasSize(2);
        assertThat(result.errLines().get(0)).startsWith("blobarena: key \"bad\" is not copied: ");
        assertThat(result.errLines().get(1)).contains("nothing is deleted");
        assertThat(blobs(target)).containsOnlyKeys("a", "b", "c/d", "\u00e4", "z");
    }

    @Test
    void listingIsSortedByKeyOrSizeAndIsJsonOfAnyKey() throws IOException {
        Cli.on(store, new byte[2], "put", "\udcff");
        Cli.on(store, new byte[5], "put", "q\"\\\n\u009b");

        assertThat(Cli.on(store, "ls", "-0", "--sort", "key").out().split("\0"))
                .startsWith("a", "b", "c/d", "q\"\\\n\u009b", "\u00e4");
        assertThat(Cli.on(store, "ls", "--sort", "size", "--long").lines().subList(0, 4))
                .containsExactly("0\t\u00e4", "1\ta", "1\tc/d", "2\t\ufffd");
        assertThat(Cli.on(store, "ls", "--json", "--sort", "key").lines())
                .containsExactly(
                        "{\"key\":\"a\",\"size\":1}",
                        "{\"key\":\"b\",\"size\":3}",
                        "{\"key\":\"c/d\",\"size\":1}",
                        "{\"key\":\"q\\\"\\\\\\u000a\\u009b\",\"size\":5}",
                        "{\"key\":\"\u00e4\",\"size\":0}",
                        "{\"keyHex\":\"ff\",\"size\":2}");
        assertThat(Cli.on(store, "ls", "--json", "c").lines()).containsExactly("{\"key\":\"c/d\",\"size\":1}");
        assertThat(Cli.on(store, "ls", "--sort", "age").status()).isEqualTo(2);
    }

    @Test
    void textOfKeysIsWhatTheTypeSays() throws IOException {
        UUID uuid = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        try (BlobStore<Long> longs = BlobStore.open(target, KeyCodec.longs())) {
            longs.put(-1L, new byte[3]);
        }
        Path uuids = temp.resolve("uuids");
        try (BlobStore<UUID> open = BlobStore.open(uuids, KeyCodec.uuids())) {
            open.put(uuid, new byte[3]);
        }

        assertThat(Cli.on(target, "ls", "--key-type", "long").out()).isEqualTo("-1\n");
        assertThat(Cli.on(target, "ls", "--key-type", "hex", "ffff").out()).isEqualTo("ffffffffffffffff\n");
        assertThat(Cli.on(target, "ls", "--json", "--key-type", "long").out())
                .isEqualTo("{\"key\":\"-1\",\"size\":3}\n");
        assertThat(Cli.on(uuids, "ls", "--key-type", "uuid").out()).isEqualTo(uuid + "\n");
        assertThat(Cli.on(uuids, "get", uuid.toString().toUpperCase(Locale.ROOT), "--key-type", "uuid")
                        .out())
                .hasSize(3);
        assertThat(Cli.on(uuids, "stat", "--key-type", "uuid", uuid.toString()).status())
                .isZero();
        Cli.on(target, new byte[4], "put", "7", "--key-type", "long");
        assertThat(Cli.on(target, "contains", "--key-type", "hex", "0000000000000007")
                        .status())
                .isZero();
        assertThat(Cli.on(target, "rm", "--key-type", "long", "7", "8").status())
                .isEqualTo(1);
        assertThat(Cli.on(target, "contains", "--key-type", "long", "7").status())
                .isEqualTo(1);
    }

    @Test
    void textThatIsNoKeyOfTheTypeIsWrongUsageAndKeyWithoutTextIsNamed() {
        for (String[] wrong :
                new String[][] {{"hex", "f"}, {"hex", "xx"}, {"long", "1.5"}, {"long", ""}, {"uuid", "1-2-3-4-5"}}) {
            for (String command : new String[] {"get", "put", "rm", "contains", "stat"}) {
                Cli.Result result = Cli.on(store, command, "--key-type", wrong[0], wrong[1]);
                assertThat(result.status()).as(command + wrong[1]).isEqualTo(2);
                assertThat(result.errLines()).singleElement().asString().contains("is no key of the type " + wrong[0]);
            }
        }
        Cli.Result listed = Cli.on(store, "ls", "--key-type", "uuid");
        assertThat(listed.status()).isEqualTo(3);
        assertThat(listed.errLines())
                .hasSize(4)
                .allMatch(line -> line.endsWith("is not listed: it is none of the type uuid"));
        assertThat(listed.out()).isEmpty();
    }

    private static void put(Path store, Map<String, String> blobs) throws IOException {
        try (BlobStore<String> open = BlobStore.open(store, KeyCodec.utf8())) {
            for (Map.Entry<String, String> blob : blobs.entrySet()) {
                open.put(blob.getKey(), blob.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static Map<String, String> blobs(Path store) throws IOException {
        Map<String, String> blobs = new TreeMap<>();
        try (BlobStore<String> open = BlobStore.open(store, KeyCodec.utf8())) {
            open.forEach((key, blob) -> blobs.put(key, new String(blob, StandardCharsets.UTF_8)));
        }
        return blobs;
    }

    private static void assertDone(Cli.Result result, String start) {
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith(start);
        assertThat(result.status()).isZero();
    }
}
