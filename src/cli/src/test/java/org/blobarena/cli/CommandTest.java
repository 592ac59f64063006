package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

/** What commands do when nothing is wrong. */
class CommandTest {

    @TempDir
    Path temp;

    private Path store;

    @BeforeEach
    void makePath() {
        store = temp.resolve("store");
    }

    @Test
    void putFromStandardInputComesBackOnStandardOutput() {
        byte[] blob = new byte[3_000_000];
        new Random(1).nextBytes(blob);

        Cli.Result put = Cli.on(store, blob, "put", "k");
        Cli.Result get = Cli.on(store, "get", "k");

        assertThat(put.status()).isZero();
        assertThat(put.err()).isEmpty();
        assertThat(put.out()).isEmpty();
        assertThat(get.err()).isEmpty();
        assertThat(get.bytes()).isEqualTo(ByteBuffer.wrap(blob));
    }

    @Test
    void compressedBlobsTakeLessSpaceAndComeBack() throws IOException {
        byte[] blob = "a line that comes again\n".repeat(20_000).getBytes(StandardCharsets.UTF_8);
        Path tree = Files.createDirectory(temp.resolve("tree"));
        Files.write(tree.resolve("file"), blob);

        assertThat(Cli.on(store, blob, "put", "--compress", "k").status()).isZero();
        assertThat(Cli.on(store, "import", "--compress", tree.toString()).status())
                .isZero();

        assertThat(Files.size(store.resolve("00000001.arena"))).isLessThan(blob.length / 4);
        for (String key : new String[] {"k", "file"}) {
            assertThat(Cli.on(store, "get", key).bytes()).isEqualTo(ByteBuffer.wrap(blob));
        }
        assertThat(Cli.on(store, "get", "--range", "100000:100024", "k").bytes())
                .isEqualTo(ByteBuffer.wrap(blob, 100_000, 24));
        assertThat(Cli.on(store, "ls", "--long").lines()).contains(blob.length + "\tk", blob.length + "\tfile");
        assertThat(Cli.on(store, "verify").status()).isZero();
    }

    @Test
    void getOfARangeGivesWhatTheBlobHasOfIt() {
        byte[] blob = new byte[200_000];
        new Random(2).nextBytes(blob);
        Cli.on(store, blob, "put", "k", "-");

        assertThat(range("70000:140001")).isEqualTo(ByteBuffer.wrap(blob, 70_000, 70_001));
        assertThat(range("199999:")).isEqualTo(ByteBuffer.wrap(blob, 199_999, 1));
        assertThat(range(":5")).isEqualTo(ByteBuffer.wrap(blob, 0, 5));
        assertThat(range("199990:300000")).isEqualTo(ByteBuffer.wrap(blob, 199_990, 10));
        assertThat(range("200000:").remaining()).isZero();
        assertThat(range("7:7").remaining()).isZero();
        for (String wrong : new String[] {"5", "7:6", "a:b", "-1:5"}) {
            assertThat(Cli.on(store, "get", "k", "--range", wrong).status()).isEqualTo(2);
        }
    }

    private ByteBuffer range(String range) {
        Cli.Result result = Cli.on(store, "get", "--range", range, "k");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        return result.bytes();
    }

    @Test
    void compactGivesSpaceBackAndStatShowsItByFile() {
        for (int i = 0; i < 20; i++) {
            put("k", "x".repeat(10_000));
        }

        Cli.Result compacted = Cli.on(store, "compact");
        Cli.Result stat = Cli.on(store, "stat", "--files");
        Cli.Result json = Cli.on(store, "stat", "--files", "--json");

        assertThat(compacted.status()).isZero();
        assertThat(compacted.err()).isEmpty();
        assertThat(compacted.out()).startsWith("compacted: 1 files of 20").contains("10033 bytes copied");
        assertThat(stat.out())
                .contains("deadBytes     0")
                .containsPattern("\\.arena  sealed  1\\d{4} bytes  10033 live  0 dead");
        assertThat(json.out()).contains("\"liveBytes\":10033,\"deadBytes\":0,\"tombstones\":0}]");
        assertThat(Cli.on(store, "get", "k").out()).hasSize(10_000);
    }

    @Test
    void statOfAKeyTellsWhereItsRecordLies() throws IOException {
        put("a", "first");
        Cli.on(store, "x".repeat(100_000).getBytes(StandardCharsets.UTF_8), "put", "--compress", "key");

        Cli.Result plain = Cli.on(store, "stat", "a");
        Cli.Result json = Cli.on(store, "stat", "--json", "key");

        assertThat(plain.err() + json.err()).isEmpty();
        assertThat(plain.lines())
                .contains("file          00000001.arena", "keyBytes      1", "blobBytes     5", "compressed    false")
                .contains("recordBytes   38");
        int offset = Integer.parseInt(plain.out().replaceAll("(?s).*offset +(\\d+)\n.*", "$1"));
        byte[] file = Files.readAllBytes(store.resolve("00000001.arena"));
        assertThat(Arrays.copyOfRange(file, offset + 32, offset + 38))
                .isEqualTo("afirst".getBytes(StandardCharsets.UTF_8));
        assertThat(json.out())
                .contains("\"file\":\"" + store.resolve("00000001.arena") + "\"")
                .contains("\"blobBytes\":100000,\"compressed\":true,\"sequence\":");
        assertThat(Cli.on(store, "stat").out()).contains("keys          2");
    }

    @Test
    void blobWithATimeToLiveExpiresThen() throws IOException {
        Instant before = Instant.now();
        assertThat(Cli.on(store, new byte[] {'1'}, "put", "--ttl", "7d", "k").status())
                .isZero();
        assertThat(Cli.on(store, new byte[] {'1'}, "put", "--ttl", "PT0.001S", "brief")
                        .status())
                .isZero();
        put("forever", "1");
        Instant after = Instant.now();

        Cli.Result stat = Cli.on(store, "stat", "--json", "k");

        assertThat(Instant.parse(stat.out().replaceAll("(?s).*\"expires\":\"([^\"]*)\".*", "$1")))
                .isBetween(before.plus(Duration.ofDays(7)).minusMillis(1), after.plus(Duration.ofDays(7)));
        assertThat(Cli.on(store, "stat", "forever").out()).doesNotContain("expires");
        assertThat(Cli.on(store, "get", "k").out()).isEqualTo("1");
        try (BlobStore<String> later = BlobStore.builder(KeyCodec.utf8())
                .clock(() -> after.plus(Duration.ofDays(7)))
                .open(store)) {
            assertThat(later.contains("k")).isFalse();
            assertThat(later.contains("brief")).isFalse();
            assertThat(later.contains("forever")).isTrue();
        }
    }

    @Test
    void noCommandFindsWhatHasExpired() throws IOException {
        try (BlobStore<String> earlier =
                BlobStore.builder(KeyCodec.utf8()).clock(() -> Instant.EPOCH).open(store)) {
            earlier.put("brief", "gone".getBytes(StandardCharsets.UTF_8), Expiry.after(Duration.ofDays(1)));
            earlier.put("lasting", "here".getBytes(StandardCharsets.UTF_8), Expiry.at(Instant.MAX));
            earlier.put("plain", "too".getBytes(StandardCharsets.UTF_8));
        }
        Path exported = temp.resolve("exported");

        Cli.Result export = Cli.on(store, "export", exported.toString());

        assertThat(export.status()).isZero();
        assertThat(export.err()).isEmpty();
        assertThat(Trees.contents(exported)).containsOnlyKeys("lasting", "plain");
        assertThat(Cli.on(store, "ls").lines()).containsExactlyInAnyOrder("lasting", "plain");
        assertThat(Cli.on(store, "du").lines()).last().asString().endsWith("\t7\t2\ttotal");
        for (String command : List.of("get", "contains", "stat", "rm")) {
            assertThat(Cli.on(store, command, "brief").status()).as(command).isEqualTo(1);
        }
        assertThat(Cli.on(store, "verify").status()).isZero();
    }

    @Test
    void duAddsUpByTheFirstPartsOfKeys() {
        put("a/b/1", "x".repeat(10));
        put("a/b/2", "x".repeat(20));
        put("a/3", "x".repeat(100));
        put("ab/4", "");
        put("5", "x".repeat(1000));

        assertThat(Cli.on(store, "du").lines())
                .containsExactly("239\t130\t3\ta/", "36\t0\t1\tab/", "1308\t1130\t5\ttotal");
        assertThat(Cli.on(store, "du", "--depth", "2").lines())
                .containsExactly("239\t130\t3\ta/", "104\t30\t2\ta/b/", "36\t0\t1\tab/", "1308\t1130\t5\ttotal");
        assertThat(Cli.on(store, "du", "a/").lines()).containsExactly("104\t30\t2\ta/b/", "239\t130\t3\ttotal");
        assertThat(Cli.on(store, "du", "a").lines())
                .containsExactly("239\t130\t3\ta/", "36\t0\t1\tab/", "275\t130\t4\ttotal");
        assertThat(Cli.on(store, "du", "--depth", "0", "-0", "5").out()).isEqualTo("1033\t1000\t1\ttotal\0");
        assertThat(Cli.on(store, "du", "none").out()).isEqualTo("0\t0\t0\ttotal\n");
    }

    @Test
    void snapshotIsAStoreAndNeedsAnEmptyDirectoryOutsideOfTheStore() {
        put("k", "then");
        Path snapshot = temp.resolve("a").resolve("snapshot");

        Cli.Result made = Cli.on(store, "snapshot", snapshot.toString());
        put("k", "now");

        assertThat(made.status()).isZero();
        assertThat(made.out() + made.err()).isEmpty();
        assertThat(Cli.on(snapshot, "get", "k").out()).isEqualTo("then");
        Cli.Result again = Cli.on(store, "snapshot", snapshot.toString());
        assertThat(again.status()).isEqualTo(3);
        assertThat(again.err()).contains("empty directory").doesNotContain("\tat ");
        assertThat(Cli.on(store, "snapshot", store.resolve("inside").toString()).status())
                .isEqualTo(2);
    }

    @Test
    void putReplacesAndTakesFiles() throws IOException {
        put("k", "old");

        assertThat(Cli.on(store, "put", "k", Trees.file(temp, "f", "new").toString())
                        .status())
                .isZero();
        assertThat(Cli.on(store, "get", "k").out()).isEqualTo("new");
    }

    @Test
    void getWritesFileAndReplacesWhereLinkLeads() throws IOException {
        put("k", "blob");
        Path target = Trees.file(temp, "target", "something longer");
        Path link = Files.createSymbolicLink(temp.resolve("link"), target);

        assertThat(Cli.on(store, "get", "k", "-o", temp.resolve("new").toString())
                        .status())
                .isZero();
        assertThat(Cli.on(store, "get", "-o", link.toString(), "k").status()).isZero();
        assertThat(temp.resolve("new")).hasContent("blob");
        assertThat(target).hasContent("blob");
        assertThat(link).isSymbolicLink();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void fileThatIsReplacedKeepsItsPermissionsAndNewOneIsAsReadableAsTheStore() throws IOException {
        put("k", "blob");
        Path script = Trees.file(temp, "script", "old");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path out = Files.createDirectory(temp.resolve("out"));
        Files.copy(script, out.resolve("k"), StandardCopyOption.COPY_ATTRIBUTES);
        put("new/file", "blob");

        Cli.on(store, "get", "k", "-o", script.toString());
        Cli.on(store, "get", "k", "-o", temp.resolve("new").toString());
        Cli.on(store, "export", out.toString());

        assertThat(script).hasContent("blob");
        assertThat(permissions(script)).isEqualTo("rwxr-xr-x");
        assertThat(permissions(temp.resolve("new"))).isEqualTo("rw-------");
        assertThat(permissions(out.resolve("k"))).isEqualTo("rwxr-xr-x");
        assertThat(permissions(out.resolve("new"))).isEqualTo("rwx------");
        assertThat(permissions(out.resolve("new/file"))).isEqualTo("rw-------");

        Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(store.resolve("STORE"), PosixFilePermissions.fromString("rw-r--r--"));
        Path usual = Files.createFile(temp.resolve("usual"));
        Cli.on(store, "get", "k", "-o", temp.resolve("newer").toString());
        assertThat(permissions(temp.resolve("newer"))).isEqualTo(permissions(usual));
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void pipeIsPut() throws Exception {
        Path pipe = temp.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            try {
                Files.writeString(pipe, "blob");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        Cli.Result result = Cli.on(store, "put", "k", pipe.toString());

        writer.join();
        assertThat(result.err()).isEmpty();
        assertThat(Cli.on(store, "get", "k").out()).isEqualTo("blob");
    }

    @Test
    void putsThatWaitForEachOtherAllSucceed() {
        List<CompletableFuture<Integer>> puts = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> Cli.on(store, new byte[i], "put", "--wait", "300", "k" + i)
                                .status(),
                        command -> new Thread(command).start()))
                .toList();

        assertThat(puts).allMatch(put -> put.join() == 0);
        assertThat(Cli.on(store, "ls").lines()).hasSize(8);
    }

    @Test
    void keysDoNothingToTerminalsAndAreRawElsewhere() {
        put("\u001b[2J", "x");
        put("a\nb", "x");
        put("\udcff", "x");
        put("\\xff", "x");
        String[] args = {"--store", store.toString(), "ls"};

        assertThat(Cli.run(Map.of(), new byte[0], true, args).lines())
                .containsExactlyInAnyOrder("\\x1b[2J", "a\\x0ab", "\\xff", "\\\\xff");
        assertThat(Cli.on(store, "ls", "--null").out().split("\0", -1))
                .containsExactlyInAnyOrder("\u001b[2J", "a\nb", "\ufffd", "\\xff", "");
        assertThat(Cli.on(store, "ls", "\udcff").bytes()).isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0xff, '\n'}));
        assertThat(Cli.on(store, "contains", "\udcfe").status()).isEqualTo(1);
    }

    @Test
    void storeIsNamedByOptionAnywhereOrByEnvironment() {
        put("k", "blob");
        String directory = store.toString();

        assertThat(Cli.run("ls", "--store", directory).out()).isEqualTo("k\n");
        assertThat(Cli.run("--store=" + directory, "ls").out()).isEqualTo("k\n");
        assertThat(Cli.run(Map.of("BLOBARENA_STORE", directory), new byte[0], false, "ls")
                        .out())
                .isEqualTo("k\n");
        assertThat(Cli.run(Map.of("BLOBARENA_STORE", "/nowhere"), new byte[0], false, "ls", "--store", directory)
                        .out())
                .isEqualTo("k\n");
    }

    @Test
    void listTakesPrefixAndSizes() {
        put("a/1", "x");
        put("a/ü", "xyz");
        put("b", "");

        assertThat(Cli.on(store, "ls").lines()).containsExactlyInAnyOrder("a/1", "a/ü", "b");
        assertThat(Cli.on(store, "ls", "a/").lines()).containsExactlyInAnyOrder("a/1", "a/ü");
        assertThat(Cli.on(store, "ls", "--long").lines()).containsExactlyInAnyOrder("1\ta/1", "3\ta/ü", "0\tb");
    }

    @Test
    void removeTakesSeveralKeys() {
        put("a", "x");
        put("b", "x");
        put("c", "x");

        assertThat(Cli.on(store, "rm", "a", "c")).extracting(Cli.Result::status).isEqualTo(0);
        assertThat(Cli.on(store, "ls").lines()).containsExactly("b");
    }

    @Test
    void containsAnswersByItsStatus() {
        put("a", "x");

        assertThat(Cli.on(store, "contains", "a").status()).isZero();
        assertThat(Cli.on(store, "contains", "b").status()).isEqualTo(1);
    }

    @Test
    void keysThatLookLikeSomethingElse() {
        for (String key : new String[] {"", "@file", "a=b", "\"quoted\"", "${sys:user.home}"}) {
            put(key, "blob of " + key);
            assertThat(Cli.on(store, "get", key).out()).isEqualTo("blob of " + key);
        }
        put("--long", "x");
        assertThat(Cli.on(store, "contains", "--", "--long").status()).isZero();
    }

    @Test
    void statSaysWhatThereIs() {
        put("a", "12345");
        put("b", "1");
        put("b", "2");

        Cli.Result text = Cli.on(store, "stat");
        Cli.Result json = Cli.on(store, "stat", "--json");

        assertThat(text.lines())
                .hasSize(10)
                .contains("keys          2", "expiredBytes  0", "arenaFiles    1", "formatVersion 1");
        assertThat(text.lines().get(9)).matches("opening +clean in \\d+\\.\\d{3} s");
        assertThat(json.lines())
                .singleElement()
                .asString()
                .matches("\\{\"keys\":2,\"liveBytes\":\\d+,\"deadBytes\":\\d+,\"expiredBytes\":0,"
                        + "\"arenaFiles\":1,\"arenaBytes\":\\d+,\"indexBytes\":\\d+,\"index\":\"[a-z-]+\",\"formatVersion\":1,\"opening\":\\{"
                        + "\"clean\":true,\"seconds\":[0-9.E-]+,\"tornBytes\":0,\"damageCount\":0,\"damage\":\\[]}}");
    }

    @Test
    void indexIsOfTheKindThatIsAskedFor() {
        put("a", "12345");
        assertThat(Cli.on(store, "--index", "table", "stat").lines()).contains("index         table");
        assertThat(Cli.on(store, "--index", "Table", "get", "a").out()).isEqualTo("12345");
        Cli.Result wrong = Cli.on(store, "--index", "tree", "stat");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("'tree' is no kind of index: automatic, chronicle-map or table");
    }

    @Test
    void statSaysThatTheStoreWasRecovered() throws IOException {
        put("a", "12345");
        Files.delete(store.resolve("CLEAN"));

        assertThat(Cli.on(store, "stat", "--json").out()).contains("\"clean\":false");
        assertThat(Cli.on(store, "stat").lines().get(9)).contains("clean in");
    }

    @Test
    void verifyOfIntactStore() {
        put("a", "12345");

        assertThat(Cli.on(store, "verify").out()).matches("verified 1 keys, 1 records, \\d+ bytes\n");
        assertThat(Cli.on(store, "verify", "--json").out())
                .matches("\\{\"intact\":true,\"keys\":1,\"records\":1,\"bytes\":\\d+,"
                        + "\"damageCount\":0,\"damage\":\\[]}\n");
    }

    @Test
    void everyCommandHasHelpAndVersion() {
        List<String> commands = Arrays.stream(
                        Main.class.getAnnotation(Command.class).subcommands())
                .map(command -> command.getAnnotation(Command.class).name())
                .toList();
        assertThat(commands).contains("import", "compact", "snapshot");
        for (String command : commands) {
            Cli.Result help = Cli.run(command, "--help");
            assertThat(help.status()).isZero();
            assertThat(help.out()).startsWith("Usage: blobarena " + command).contains("--store");
            assertThat(Cli.run(command, "--version").out()).startsWith("blobarena ");
            assertThat(Cli.run("--help").out()).contains("  " + command + " ");
        }
    }

    @Test
    void demoChecksWhatItShows() throws IOException {
        Path tree = temp.resolve("tree");
        Trees.many(tree, 1500, 1);

        Cli.Result result = Cli.run("demo", tree.toString());

        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(result.out())
                .contains("1500 files")
                .contains("; 0 differ.")
                .contains("Of the acknowledged files ")
                .contains("are there and identical, 0 are not.")
                .contains("Opened again: recovered in")
                .endsWith("Done.\n");
    }

    private void put(String key, String blob) {
        assertThat(Cli.on(store, blob.getBytes(StandardCharsets.UTF_8), "put", "--", key)
                        .status())
                .isZero();
    }
}
