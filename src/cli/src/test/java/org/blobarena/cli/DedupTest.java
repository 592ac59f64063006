package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.blobarena.cli.text.EscapedName;
import org.blobarena.cli.text.Key;
import org.junit.jupiter.api.Test;

/** A store that keeps the same content once takes the same commands. */
class DedupTest extends TreeFixture {

    @Test
    void contentOfManyFilesIsStoredOnceAndExportedAsOften() throws IOException {
        Trees.large(tree.resolve("large"), 5_000_001, 1);
        Trees.many(tree, 50, 2);
        for (String copy : new String[] {"copies/1", "copies/2"}) {
            Files.createDirectories(tree.resolve(copy));
            Files.copy(tree.resolve("large"), tree.resolve(copy).resolve("large"));
        }
        Trees.file(tree, "empty", "");
        Trees.file(tree, "empty too", "");

        Cli.Result imported = importTree("--dedup");
        Cli.Result exported = export();

        assertThat(imported.err() + exported.err()).isEmpty();
        assertThat(imported.status()).isZero();
        assertThat(imported.lines())
                .singleElement()
                .asString()
                .startsWith("imported 55 files, 15")
                .endsWith("; 52 contents have 55 names");
        assertThat(exported.status()).isZero();
        assertThat(Trees.contents(out)).hasSize(55).isEqualTo(Trees.contents(tree));
        assertThat(Trees.contents(store).values().stream()
                        .mapToLong(file -> Long.parseLong(file.split(" ", 2)[0]))
                        .sum())
                .isLessThan(8_000_000);
    }

    @Test
    void commandsOnKeysWorkAsOnAnyStore() throws IOException {
        Trees.file(tree, "a", "the same");
        Trees.file(tree, "b", "the same");
        importTree("--dedup");

        // It stays what it is, without the option.
        assertThat(Cli.on(store, bytes("the same"), "put", "c").status()).isZero();
        assertThat(Cli.on(store, bytes("another"), "put", "--compress", "d").status())
                .isZero();
        Trees.file(tree, "e", "another");
        assertThat(importTree().out()).endsWith("; 2 contents have 5 names\n");

        assertThat(Cli.on(store, "get", "c").out()).isEqualTo("the same");
        assertThat(Cli.on(store, "get", "--range", "4:7", "a").out()).isEqualTo("sam");
        assertThat(Cli.on(store, "get", "-o", temp.resolve("file").toString(), "b")
                        .status())
                .isZero();
        assertThat(temp.resolve("file")).hasContent("the same");
        assertThat(Cli.on(store, "ls", "--long").lines())
                .containsExactlyInAnyOrder("8\ta", "8\tb", "8\tc", "7\td", "7\te");
        assertThat(Cli.on(store, "contains", "a").status()).isZero();
        assertThat(Cli.on(store, "contains", "A").status()).isEqualTo(1);
        assertThat(Cli.on(store, "rm", "a", "no").err()).contains("no such key: no");
        assertThat(Cli.on(store, "get", "a").status()).isEqualTo(1);
        assertThat(Cli.on(store, "get", "b").out()).isEqualTo("the same");
    }

    @Test
    void compactRemovesWhatHasNoNameAndSnapshotHasTheRest() throws IOException {
        Trees.file(tree, "a", "x".repeat(1000));
        Trees.file(tree, "b", "another");
        importTree("--dedup");
        Cli.on(store, "rm", "a");

        assertThat(Cli.on(store, "compact").out())
                .isEqualTo("compacted: 1 contents of 1000 bytes without a name removed, 1 contents left\n");
        Cli.Result snapshot = Cli.on(store, "snapshot", temp.resolve("snapshot").toString());
        Cli.on(store, "rm", "b");

        assertThat(snapshot.status()).isZero();
        assertThat(snapshot.out() + snapshot.err()).isEmpty();
        assertThat(Cli.on(temp.resolve("snapshot"), "ls").out()).isEqualTo("b\n");
        assertThat(Cli.on(temp.resolve("snapshot"), "get", "b").out()).isEqualTo("another");
    }

    @Test
    void figuresAreOfNamesAndContents() throws IOException {
        Trees.file(tree, "docs/a", "the same");
        Trees.file(tree, "docs/b", "the same");
        Trees.file(tree, "c", "another");
        importTree("--dedup");

        List<String> stat = Cli.on(store, "stat", "--files").lines();
        assertThat(stat).containsSubsequence("names:", "keys          3", "contents:", "keys          2");
        assertThat(stat).anyMatch(line -> line.startsWith("names/00000001.arena  active  "));
        assertThat(stat).anyMatch(line -> line.startsWith("contents/00000001.arena  active  "));
        assertThat(Cli.on(store, "stat", "--json").out())
                .startsWith("{\"names\":{\"keys\":3,")
                .contains("\"contents\":{\"keys\":2,");
        assertThat(Cli.on(store, "stat", "docs/a").lines())
                .contains("keyBytes      32", "blobBytes     8")
                .isEqualTo(Cli.on(store, "stat", "docs/b").lines());
        assertThat(Cli.on(store, "stat", "d").status()).isEqualTo(1);

        List<String> usage = Cli.on(store, "du").lines();
        assertThat(usage).hasSize(2);
        assertThat(usage.get(0)).endsWith("\t16\t2\tdocs/");
        assertThat(usage.get(1)).endsWith("\t23\t3\ttotal");
    }

    @Test
    void wholeStoreIsVerifiedAndRepaired() throws IOException {
        Trees.file(tree, "a", "1");
        Trees.file(tree, "b", "2");
        importTree("--dedup");

        Cli.Result verified = Cli.on(store, "verify");
        Cli.Result repaired = Cli.on(store, "repair");

        assertThat(verified.status()).isZero();
        assertThat(verified.out()).startsWith("verified 4 keys, 4 records, ");
        assertThat(Cli.on(store, "verify", "--json").out()).contains("\"intact\":true,\"keys\":4");
        assertThat(repaired.status()).isZero();
        assertThat(repaired.lines()).hasSize(2).allMatch(line -> line.startsWith("repaired: 0 files set aside"));
        assertThat(Cli.on(store, "repair", "--json").out()).startsWith("{\"lossless\":true,\"lostFiles\":[],");
    }

    @Test
    void lossOfContentsIsReportedUntilARepairUnbindsTheirNames() throws IOException {
        Trees.file(tree, "a", "1");
        importTree("--dedup");
        Files.delete(store.resolve("contents").resolve("00000001.arena"));

        for (int i = 0; i < 2; i++) {
            Cli.Result verified = Cli.on(store, "verify");
            assertThat(verified.status()).isEqualTo(1);
            assertThat(verified.out()).contains("00000001.arena").contains("contents may be lost");
            assertThat(verified.errLines()).singleElement().asString().contains("damaged places or losses");
        }
        Cli.Result repaired = Cli.on(store, "repair");
        assertThat(repaired.status()).isEqualTo(1);
        assertThat(repaired.out())
                .contains("lost with all that it held: ")
                .contains("unbound a, since its content is lost");
        assertThat(repaired.errLines()).singleElement().asString().contains(" losses");
        assertThat(Cli.on(store, "verify").status()).isZero();
        assertThat(Cli.on(store, "ls").out()).isEmpty();
    }

    @Test
    void nothingIsCompactedWhileNamesMayBeLost() throws IOException {
        Trees.file(tree, "a", "1");
        importTree("--dedup");
        Files.delete(store.resolve("names").resolve("00000001.arena"));

        for (int i = 0; i < 2; i++) {
            Cli.Result refused = Cli.on(store, "compact");
            assertThat(refused.status()).isEqualTo(3);
            assertThat(refused.errLines()).singleElement().asString().contains("names may be lost");
        }
        assertThat(Cli.on(store, "verify", "--json").out()).contains("\"other\":[\"names may be lost");
        assertThat(Cli.on(store, "repair").status()).isEqualTo(1);
        assertThat(Cli.on(store, "compact").out()).startsWith("compacted: 1 contents of 1 bytes");
    }

    @Test
    void storeOfTheOtherKindIsRefusedAndStaysAsItIs() throws IOException {
        Trees.file(tree, "a", "1");
        importTree();

        Cli.Result refused = importTree("--dedup");

        assertThat(refused.status()).isEqualTo(3);
        assertThat(refused.errLines()).singleElement().asString().contains(store + " holds no content store");
        assertThat(Cli.on(store, "get", "a").out()).isEqualTo("1");
        assertThat(Cli.on(store, "verify").status()).isZero();
    }

    @Test
    void blobsThatExpireAreRefused() throws IOException {
        Trees.file(tree, "a", "1");
        importTree("--dedup");

        Cli.Result refused = Cli.on(store, bytes("2"), "put", "--ttl", "7d", "a");

        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.errLines()).singleElement().asString().contains("takes no blob that expires");
        assertThat(Cli.on(store, "get", "a").out()).isEqualTo("1");
    }

    @Test
    void keyThatIsNotUtf8IsNoNameAndIsNamed() throws IOException {
        Trees.file(tree, EscapedName.of(new Key(new byte[] {'b', (byte) 0xff})), "1");
        Trees.file(tree, "c", "2");

        Cli.Result imported = importTree("--dedup", "--unescape");

        assertThat(imported.status()).isEqualTo(3);
        assertThat(imported.errLines()).singleElement().asString().contains("the key b\\xff is not UTF-8");
        assertThat(Cli.on(store, "ls").out()).isEqualTo("c\n");
        assertThat(Cli.on(store, "get", "c").bytes()).isEqualTo(ByteBuffer.wrap(bytes("2")));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
