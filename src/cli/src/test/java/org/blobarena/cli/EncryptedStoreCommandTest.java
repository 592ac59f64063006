package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a store whose keys stand in files. */
class EncryptedStoreCommandTest {

    @TempDir
    Path temp;

    private Path store;
    private Path first;
    private Path second;

    @BeforeEach
    void makeStore() throws IOException {
        store = temp.resolve("store");
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) 0x5a);
        first = Files.write(temp.resolve("first"), bytes);
        second = Files.writeString(temp.resolve("second"), "0123456789abcdef".repeat(4) + "\n");
        Path blob = Files.writeString(temp.resolve("blob"), "a blob");
        assertDone(on("put", "key", blob.toString()));
    }

    private Cli.Result on(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--key-file";
        all[arguments.length + 1] = first.toString();
        return Cli.on(store, all);
    }

    private static void assertDone(Cli.Result result) {
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
    }

    @Test
    void everyCommandWorksWithTheKey() {
        assertThat(on("get", "key").out()).isEqualTo("a blob");
        assertThat(on("ls").out()).contains("key");
        assertDone(on("verify"));
        assertDone(on("stat"));
        assertDone(on("du"));
        assertDone(on("compact"));
        assertDone(on("repair"));
        assertDone(on("snapshot", temp.resolve("snapshot").toString()));
        assertDone(on("cp", temp.resolve("copy").toString()));
        assertDone(on("export", temp.resolve("tree").toString()));
        assertThat(temp.resolve("tree/key")).hasContent("a blob");
        assertThat(temp.resolve("copy/KEYS")).exists();
        assertDone(on("rm", "key"));
    }

    @Test
    void commandWithoutTheKeyOrWithAnotherFailsInOneLine() {
        assertFailure(Cli.on(store, "get", "key"), "is encrypted");
        assertFailure(Cli.on(store, "get", "key", "--key-file", second.toString()), "key 1 is wrong");
        assertFailure(Cli.on(store, "verify", "--key-file", "2=" + second), "key 1, which is missing");
    }

    private static void assertFailure(Cli.Result result, String message) {
        assertThat(result.status()).isEqualTo(3);
        assertThat(result.err()).contains(message).hasLineCount(1);
    }

    @Test
    void keyIsReplacedByCompaction() {
        String both = "2=" + second;
        assertDone(on("compact", "--key-file", both));
        Cli.Result result = Cli.on(store, "get", "key", "--key-file", both);
        assertThat(result.out()).isEqualTo("a blob");
    }

    @Test
    void fileThatHoldsNoKeyIsWrongUsage() throws IOException {
        Path none = Files.writeString(temp.resolve("none"), "too short");
        Path letters = Files.writeString(temp.resolve("letters"), "z".repeat(64));
        for (String argument : new String[] {
            none.toString(), letters.toString(), temp.resolve("missing").toString(), "0=" + first
        }) {
            Cli.Result result = Cli.on(store, "get", "key", "--key-file", argument);
            assertThat(result.status()).as(argument).isEqualTo(2);
        }
        Cli.Result twice = on("get", "key", "--key-file", "1=" + second);
        assertThat(twice.status()).isEqualTo(2);
        assertThat(twice.err()).contains("given twice");
    }

    @Test
    void storeThatKeepsTheSameContentOnceTakesNoKeys() {
        Path contents = temp.resolve("contents");
        Cli.Result result = Cli.on(
                contents,
                "import",
                "--dedup",
                "--key-file",
                first.toString(),
                temp.resolve("store").toString());

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("cannot be encrypted");
        assertThat(contents).doesNotExist();
    }
}
