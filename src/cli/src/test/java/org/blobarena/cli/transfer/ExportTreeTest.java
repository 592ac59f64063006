package org.blobarena.cli.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.blobarena.arena.internal.io.Readers;
import org.blobarena.cli.Trees;
import org.blobarena.cli.text.Key;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExportTreeTest {

    @TempDir
    Path temp;

    private Path root;
    private ExportTree tree;

    @BeforeEach
    void makeTree() throws IOException {
        root = temp.toRealPath().resolve("root");
        tree = new ExportTree(root, Files.createDirectories(root.resolve("store")), new Readers(true, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/absolute",
                "a//b",
                "a/",
                "..",
                "../a",
                "a/../../b",
                "a/..",
                ".",
                "./a",
                "a/./b",
                ".blobarena-1.part",
                "a\0b"
            })
    void keyThatIsNoPathBelowTheRootIsRefused(String key) throws IOException {
        assertThatThrownBy(() -> write(key, "x")).isInstanceOf(IOException.class);
        assertThat(Trees.contents(temp)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a b/ü/日本", "...", "..a/b..", "-rf", "a\\b", "a\nb", "~", "C:"})
    void oddNamesArePathsAllTheSame(String key) throws IOException {
        assertThat(tree.resolve(Key.of(key))).isEqualTo(root.resolve(key));
    }

    @Test
    void keyInsideTheStoreIsRefused() throws IOException {
        assertThatThrownBy(() -> write("store/STORE", "x")).hasMessageContaining("into the store");
        assertThat(Trees.contents(root)).isEmpty();
    }

    @Test
    void symbolicLinkInTheWayIsRefused() throws IOException {
        Path outside = Files.createDirectories(temp.resolve("outside"));
        Files.createSymbolicLink(root.resolve("link"), outside);

        assertThatThrownBy(() -> write("link/a", "x")).hasMessageContaining("is a symbolic link");
        assertThatThrownBy(() -> write("link/a/b", "x")).hasMessageContaining("is a symbolic link");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void fileInTheWayIsRefusedAndStays() throws IOException {
        write("a", "x");

        assertThatThrownBy(() -> write("a/b", "y")).hasMessageContaining("is not a directory");
        assertThat(root.resolve("a")).hasContent("x");
    }

    @Test
    void directoryInPlaceOfTheFileIsRefusedAndStays() throws IOException {
        write("a/b", "x");

        assertThatThrownBy(() -> write("a", "y")).hasMessageContaining("is a directory");
        assertThat(root.resolve("a/b")).hasContent("x");
    }

    private void write(String key, String text) throws IOException {
        try (OutputFile file = tree.begin(Key.of(key))) {
            file.write(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
            file.commit();
        }
    }
}
