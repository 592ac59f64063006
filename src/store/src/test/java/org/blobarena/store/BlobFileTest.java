package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Blobs from and to files of the user's, of every kind. */
@DisabledOnOs(OS.WINDOWS)
class BlobFileTest {

    @TempDir
    Path temp;

    private final byte[] blob = new byte[200_000];
    private BlobStore<String> store;

    @BeforeEach
    void openStore() throws IOException {
        new Random(1).nextBytes(blob);
        store = BlobStore.open(temp.resolve("store"), KeyCodec.utf8());
        store.put("k", blob);
    }

    @AfterEach
    void closeStore() throws IOException {
        store.close();
    }

    @Test
    void fileThatIsReplacedKeepsItsPermissionsAndNewOneIsAsReadableAsTheStore() throws IOException {
        Path script = Files.writeString(temp.resolve("script"), "old");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x---"));
        Path made = temp.resolve("made");

        store.get("k", script);
        store.get("k", made);

        assertThat(script).hasBinaryContent(blob);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(script)))
                .isEqualTo("rwxr-x---");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rw-------");
    }

    @Test
    void pipeIsNoTarget() throws Exception {
        Path pipe = pipe();

        assertThatThrownBy(() -> store.get("k", pipe)).hasMessageEndingWith("is not a regular file");
    }

    @Test
    void pipeIsRead() throws Exception {
        Path pipe = pipe();

        CompletableFuture<Void> writer = feed(pipe);
        store.put("path", pipe);
        writer.join();
        writer = feed(pipe);
        try (InputStream in = Files.newInputStream(pipe)) {
            store.put("stream", in);
        }
        writer.join();

        assertThat(store.get("path")).isEqualTo(blob);
        assertThat(store.get("stream")).isEqualTo(blob);
    }

    private CompletableFuture<Void> feed(Path pipe) {
        return CompletableFuture.runAsync(() -> {
            try {
                Files.write(pipe, blob);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private Path pipe() throws Exception {
        Path pipe = temp.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        return pipe;
    }
}
