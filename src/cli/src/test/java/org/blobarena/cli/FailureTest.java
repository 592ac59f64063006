package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.commons.io.output.BrokenOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every failure has its status, and one line that says what and where. */
class FailureTest {

    /** The identity stands in its file twice. */
    private static final int[] IDENTITY_COPIES = {0, 512};

    private static final int VERSION_OFFSET = 8;
    private static final int CHECKSUM_OFFSET = 60;

    @TempDir
    Path temp;

    private Path store;

    @BeforeEach
    void makeStore() {
        store = temp.resolve("store");
        Cli.on(store, "a blob".getBytes(StandardCharsets.UTF_8), "put", "k");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nosuch",
                "ls --nosuch",
                "get",
                "get a b",
                "rm",
                "put",
                "contains",
                "import",
                "import --durability sometimes dir",
                "ls --store",
                "--store a --store b ls",
                "ls",
                "put k",
                "verify --json=maybe",
                "--store a stat --files k",
                "--store a put k --ttl soon",
                "--store a put k --ttl 0s",
                "--store a put k --ttl",
                "--store a du --depth -1",
                "--store a du --depth all"
            })
    void wrongUsage(String commandLine) {
        Cli.Result result = Cli.run(commandLine.isEmpty() ? new String[0] : commandLine.split(" "));

        assertFailed(result, 2, "--help)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"export DIR", "get k", "rm k", "ls", "contains k", "stat", "stat k", "du", "verify"})
    void storeThatIsNotThereIsNotMade(String commandLine) throws IOException {
        Path missing = temp.resolve("missing");
        String[] args =
                commandLine.replace("DIR", temp.resolve("out").toString()).split(" ");
        assertFailed(Cli.on(missing, args), 3, missing + " does not exist");
        assertThat(missing).doesNotExist();

        Path empty = Files.createDirectory(temp.resolve("empty"));
        assertFailed(Cli.on(empty, args), 3, empty + " holds no store");
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void directoryWithOtherFilesDoesNotBecomeStore() throws IOException {
        Path other = temp.resolve("other");
        Trees.file(other, "file", "x");

        assertFailed(Cli.on(other, new byte[1], "put", "k"), 3, "holds no store");
        assertThat(Trees.contents(other)).containsOnlyKeys("file");
    }

    @Test
    void absentKeys() {
        assertFailed(Cli.on(store, "get", "no"), 1, store + ": no such key: no");
        assertFailed(Cli.on(store, "contains", "no"), 1, store + ": no such key: no");
        assertFailed(Cli.on(store, "stat", "no"), 1, store + ": no such key: no");
        assertFailed(Cli.on(store, "rm", "x", "k", "a\nb"), 1, store + ": no such key: x, a\\x0ab");
        assertThat(Cli.on(store, "ls").out()).isEmpty();
    }

    @Test
    void lockedStore() throws IOException {
        try (BlobStore<String> open = BlobStore.open(store, KeyCodec.utf8())) {
            assertFailed(
                    Cli.on(store, "rm", "k"),
                    3,
                    "is in use by this process (process "
                            + ProcessHandle.current().pid() + ")");
            assertThat(open.contains("k")).isTrue();
        }
    }

    @Test
    void newerFormat() throws IOException {
        Path identity = store.resolve("STORE");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(identity)).order(ByteOrder.LITTLE_ENDIAN);
        for (int copy : IDENTITY_COPIES) {
            bytes.putInt(copy + VERSION_OFFSET, 99);
            CRC32C checksum = new CRC32C();
            checksum.update(bytes.array(), copy, CHECKSUM_OFFSET);
            bytes.putInt(copy + CHECKSUM_OFFSET, (int) checksum.getValue());
        }
        Files.write(identity, bytes.array());

        assertFailed(Cli.on(store, "get", "k"), 3, identity + ": the store identity is of format version 99");
    }

    @Test
    void damagedIdentityIsDamageToVerifyAndFailureToOthers() throws IOException {
        Path identity = store.resolve("STORE");
        for (int copy : IDENTITY_COPIES) {
            flip(identity, copy + 20);
        }

        assertFailed(Cli.on(store, "stat"), 3, identity.toString());
        assertFailed(Cli.on(store, "verify"), 1, store + ": 1 damaged places");
        assertThat(Cli.on(store, "verify").lines().get(0)).startsWith(identity + ", offset 0: ");
    }

    @Test
    void damageThatOnlyTheOpeningSeesIsReportedByVerifyToo() throws IOException {
        flip(store.resolve("STORE"), IDENTITY_COPIES[0] + 20);

        assertFailed(Cli.on(store, "verify"), 1, store + ": 1 damaged places");
    }

    @Test
    void damagedBlob() throws IOException {
        Path arena = store.resolve("00000001.arena");
        String content = Files.readString(arena, StandardCharsets.ISO_8859_1);
        flip(arena, content.indexOf("a blob"));
        Path target = Trees.file(temp, "target", "old");

        assertFailed(Cli.on(store, "get", "k"), 3, "00000001.arena");
        assertThat(Cli.on(store, "get", "k").out()).isEmpty();
        assertFailed(Cli.on(store, "get", "k", "-o", target.toString()), 3, "00000001.arena");
        assertThat(target).hasContent("old");

        Cli.Result verified = Cli.on(store, "verify");
        assertFailed(verified, 1, "damaged places");
        assertThat(verified.lines().get(0)).contains("00000001.arena").contains(", offset 64: payload checksum: ");
        assertThat(Cli.on(store, "verify", "--json").out())
                .contains("\"intact\":false")
                .containsPattern(
                        "\"damageCount\":[1-9],\"damage\":\\[\\{\"file\":\"[^\"]*00000001.arena[^\"]*\",\"offset\":64,");
    }

    @Test
    void keysThatAreNotText() throws IOException {
        try (BlobStore<byte[]> bytes = BlobStore.open(store, KeyCodec.bytes())) {
            bytes.put(new byte[] {(byte) 0xff}, new byte[0]);
        }

        assertFailed(
                Cli.on(store, "export", temp.resolve("out").toString()),
                3,
                "key \"\\xff\" is not exported: it is not UTF-8");
        assertThat(temp.resolve("out/k")).hasContent("a blob");
    }

    @Test
    void keyThatIsTooLong() {
        assertFailed(Cli.on(store, new byte[1], "put", "k".repeat(65_536)), 3, "65535");
    }

    @Test
    void filesThatAreNotThereOrNotFiles() throws IOException {
        Path missing = temp.resolve("missing");
        Path file = Trees.file(temp, "file", "x");

        assertFailed(Cli.on(store, "import", missing.toString()), 3, missing + ": no such file or directory");
        assertFailed(Cli.on(store, "import", file.toString()), 3, file + ": not a directory");
        assertFailed(Cli.on(store, "put", "k", missing.toString()), 3, missing + ": no such file or directory");
        assertFailed(Cli.on(store, "put", "k", temp.toString()), 3, temp + ": is a directory");
        assertFailed(Cli.on(store, "export", file.toString()), 3, file + ": is there already, and is no directory");
        assertFailed(Cli.on(file, "ls"), 3, file + " is not a directory");
        assertThat(Cli.on(store, "get", "k").out()).isEqualTo("a blob");
    }

    @Test
    void outputThatCannotBeWrittenLeavesNothing() throws IOException {
        Path inMissing = temp.resolve("missing/target");
        assertFailed(
                Cli.on(store, "get", "k", "-o", inMissing.toString()),
                3,
                inMissing + ": cannot be written: no such file or directory");
        assertFailed(Cli.on(store, "get", "k", "-o", temp.toString()), 3, temp + ": cannot be written: is a directory");
        Path tooLong = temp.resolve("n".repeat(300));
        assertFailed(Cli.on(store, "get", "k", "-o", tooLong.toString()), 3, tooLong.toString());
        try (Stream<Path> left = Files.list(temp)) {
            assertThat(left).containsExactly(store);
        }
    }

    @Test
    void fullStandardOutputIsFailure() throws IOException {
        OutputStream full = new BrokenOutputStream(ignored -> new IOException("No space left on device"));
        for (String[] args : new String[][] {{"ls"}, {"get", "k"}, {"stat"}, {"verify"}}) {
            assertFailed(Cli.into(full, store, args), 3, "standard output: No space left on device");
        }
    }

    @Test
    void readerThatGoesAwayIsNoFailureAndHidesNone() throws IOException {
        Path tree = temp.resolve("tree");
        Trees.file(tree, "a", "1");
        Trees.file(tree, "b", "2");
        OutputStream closed = new BrokenOutputStream(ignored -> new IOException("Broken pipe"));
        for (String[] args :
                new String[][] {{"ls"}, {"get", "k"}, {"stat"}, {"verify"}, {"import", "--verbose", tree.toString()}}) {
            Cli.Result result = Cli.into(closed, store, args);
            assertThat(result.err()).isEmpty();
            assertThat(result.status()).isZero();
        }
        assertThat(Cli.on(store, "ls").lines()).containsExactlyInAnyOrder("a", "b", "k");
        assertThat(Cli.into(closed, store, "contains", "no").status()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--store  ls", "--store S get k -o ", "--store S export ", "--store S put k "})
    void emptyNameOfFileIsWrongUsage(String commandLine) {
        assertFailed(Cli.run(commandLine.replace("S", store.toString()).split(" ", -1)), 2, "the name is empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "soon", "NaN", ""})
    void waitThatIsNoTimeIsWrongUsage(String seconds) {
        assertFailed(Cli.on(store, "ls", "--wait=" + seconds), 2, "no number of seconds");
    }

    @Test
    void waitThatIsOverIsFailure() throws IOException {
        try (BlobStore<String> open = BlobStore.open(store, KeyCodec.utf8())) {
            assertFailed(Cli.on(store, "--wait", "0.1", "rm", "k"), 3, "is in use by this process ");
            assertThat(open.contains("k")).isTrue();
        }
    }

    @Test
    void linkThatLeadsNowhereAndFileInTheWayAreNamed() throws IOException {
        Path dangling = Files.createSymbolicLink(temp.resolve("dangling"), temp.resolve("nowhere"));
        Path file = Trees.file(temp, "file", "x");
        String nowhere = dangling + ": is a symbolic link that leads nowhere";

        assertFailed(Cli.on(dangling, new byte[1], "put", "k"), 3, nowhere);
        assertFailed(Cli.on(store, "export", dangling.toString()), 3, nowhere);
        assertFailed(Cli.on(store, "get", "k", "-o", dangling.toString()), 3, nowhere);
        assertFailed(Cli.on(store, "snapshot", dangling.toString()), 3, nowhere);
        for (String name : new String[] {"store", "a/b"}) {
            assertFailed(
                    Cli.on(file.resolve(name), new byte[1], "put", "k"),
                    3,
                    file + ": is there already, and is no directory");
        }
        assertThat(temp.resolve("nowhere")).doesNotExist();
        assertThat(file).hasContent("x");
    }

    @Test
    void errorIsOneLineAndAFailure() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) {
                throw new StackOverflowError();
            }
        };

        assertFailed(Cli.into(broken, store, "get", "k"), 3, "java.lang.StackOverflowError");
        assertFailed(Cli.into(broken, store, "ls"), 3, "java.lang.StackOverflowError");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void fullDeviceIsNamed() {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/full")));

        assertFailed(Cli.on(store, "get", "k", "-o", "/dev/full"), 3, "/dev/full");
    }

    @Test
    void stackTraceOnRequest() {
        Cli.Result result = Cli.on(temp.resolve("missing"), "--stacktrace", "ls");

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.errLines()).hasSizeGreaterThan(2);
        assertThat(result.errLines().get(0)).endsWith("does not exist");
        assertThat(result.err()).contains("\tat org.blobarena.");
    }

    private static void assertFailed(Cli.Result result, int status, String problem) {
        assertThat(result.errLines())
                .singleElement()
                .asString()
                .startsWith("blobarena: ")
                .contains(problem);
        assertThat(result.status()).isEqualTo(status);
    }

    private static void flip(Path file, int offset) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[offset] ^= 1;
        Files.write(file, bytes);
    }
}
