package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImportExportTest extends TreeFixture {

    @Test
    void exportGivesBackWhatImportRead() throws IOException {
        Trees.many(tree, 200, 1);
        Trees.file(tree, "empty", "");
        Trees.large(tree.resolve("deep/er/large"), 5_000_001, 2);
        Trees.large(tree.resolve("deep/exact"), 1 << 20, 3);

        Cli.Result imported = importTree();
        Cli.Result exported = export();

        assertThat(imported.err()).isEmpty();
        assertThat(exported.err()).isEmpty();
        assertThat(imported.status()).isZero();
        assertThat(exported.status()).isZero();
        assertThat(Trees.contents(out)).hasSize(203).isEqualTo(Trees.contents(tree));
    }

    @Test
    void importEndsWithOneLineOfFigures() throws IOException {
        Trees.file(tree, "a", "12345");
        Trees.file(tree, "b/c", "678");

        Cli.Result result = importTree();

        assertThat(result.lines())
                .singleElement()
                .asString()
                .matches("imported 2 files, 8 bytes in \\d+\\.\\d\\d s, \\d+\\.\\d MB/s");
    }

    @Test
    void importVerbosePrintsEachKeyOnItsLine() throws IOException {
        Trees.file(tree, "a", "1");
        Trees.file(tree, "b/c d", "2");

        Cli.Result result = importTree("--verbose", "--durability", "buffered");

        assertThat(result.lines()).hasSize(3).contains("a", "b/c d");
        assertThat(result.lines().get(2)).startsWith("imported 2 files");
    }

    @Test
    void importShowsProgressOnTerminalsOnly() throws IOException {
        Trees.file(tree, "a", "1");
        String[] args = {"--store", store.toString(), "import", tree.toString()};

        assertThat(Cli.run(Map.of(), new byte[0], true, args).err()).contains("import 100%");
        assertThat(Cli.run(Map.of(), new byte[0], false, args).err()).isEmpty();
    }

    @Test
    void importDoesNotFollowSymbolicLinks() throws IOException {
        Trees.file(temp, "elsewhere/secret", "1");
        Trees.file(tree, "a", "1");
        Files.createSymbolicLink(tree.resolve("file"), temp.resolve("elsewhere/secret"));
        Files.createSymbolicLink(tree.resolve("directory"), temp.resolve("elsewhere"));

        importTree();

        assertThat(keys()).containsExactly("a");
    }

    @Test
    void importPassesOverTheStoreItself() throws IOException {
        Trees.file(tree, "a", "1");
        store = tree.resolve("sub/store");

        Cli.Result result = importTree();

        assertThat(result.status()).isZero();
        assertThat(keys()).containsExactly("a");
    }

    @Test
    void importFromInsideTheStoreIsWrongUsage() throws IOException {
        Cli.on(store, new byte[1], "put", "a");

        Cli.Result result = Cli.on(store, "import", store.toString());

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.errLines()).singleElement().asString().contains("lies inside the store");
    }

    @Test
    void importGoesOnPastNameThatIsNotUtf8() throws IOException {
        Trees.file(tree, "a", "1");
        Trees.file(tree, "z", "1");
        makeFileWithBytes("bad%FFname");

        Cli.Result result = importTree();

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.errLines())
                .singleElement()
                .asString()
                .endsWith("bad\\xffname: is not imported: the name is not valid UTF-8");
        assertThat(result.out()).startsWith("imported 2 files, ").endsWith("; 1 files not imported\n");
        assertThat(keys()).containsExactlyInAnyOrder("a", "z");
    }

    @Test
    void importGoesOnPastTooLargeFile() throws IOException {
        Trees.file(tree, "a", "1");
        makeTooLargeFile("huge");

        Cli.Result result = importTree();

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.errLines())
                .singleElement()
                .asString()
                .endsWith("huge: is not imported: is too large: a blob has at most 4293918719 bytes");
        assertThat(keys()).containsExactly("a");
        assertThat(Cli.on(store, "put", "k", tree.resolve("huge").toString()).status())
                .isEqualTo(3);
    }

    @Test
    void exportReplacesFilesAndLinksButDoesNotFollowThem() throws IOException {
        Trees.file(tree, "a", "new");
        Trees.file(tree, "b", "new");
        importTree();
        Path outside = Trees.file(temp, "outside", "untouched");
        Trees.file(out, "a", "old");
        Files.createSymbolicLink(out.resolve("b"), outside);

        Cli.Result result = export();

        assertThat(result.status()).isZero();
        assertThat(Trees.contents(out)).isEqualTo(Trees.contents(tree));
        assertThat(outside).hasContent("untouched");
    }

    @Test
    void exportRefusesKeyThatLeavesTheDirectory() throws IOException {
        Cli.on(store, new byte[1], "put", "../escaped");

        Cli.Result result = export();

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.errLines())
                .containsExactly("blobarena: key \"../escaped\" is not exported: it has .. as a part");
        assertThat(temp.resolve("escaped")).doesNotExist();
    }

    @Test
    void exportRefusesKeyThatIsDirectoryOfAnother() throws IOException {
        Cli.on(store, new byte[1], "put", "a");
        Cli.on(store, new byte[1], "put", "a/b");

        Cli.Result result = export();

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.errLines())
                .singleElement()
                .asString()
                .contains("is not exported")
                .contains("directory");
    }

    @Test
    void exportIntoTheStoreIsWrongUsageAndMakesNothing() {
        Cli.on(store, new byte[1], "put", "a");

        Cli.Result result = Cli.on(store, "export", store.resolve("x").toString());

        assertThat(result.status()).isEqualTo(2);
        assertThat(store.resolve("x")).doesNotExist();
    }
}
