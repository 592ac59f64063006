package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
        tree = new ExportTree(root, Files.createDirectories(root.resolve("store")));
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
                "a\0b"
            })
    void keyThatIsNoPathBelowTheRootIsRefused(String key) throws IOException {
        assertThatThrownBy(() -> tree.write(key, content("x")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("key \"" + key + "\" is not exported: ");
        assertThat(Trees.contents(temp)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a b/ü/日本", "...", "..a/b..", "-rf", "a\\b", "a\nb", "~", "C:"})
    void oddNamesArePathsAllTheSame(String key) throws IOException {
        assertThat(tree.resolve(key)).isEqualTo(root.resolve(key));
    }

    @Test
    void keyInsideTheStoreIsRefused() throws IOException {
        assertThatThrownBy(() -> tree.write("store/STORE", content("x"))).hasMessageContaining("into the store");
        assertThat(Trees.contents(root)).isEmpty();
    }

    @Test
    void symbolicLinkInTheWayIsRefused() throws IOException {
        Path outside = Files.createDirectories(temp.resolve("outside"));
        Files.createSymbolicLink(root.resolve("link"), outside);

        assertThatThrownBy(() -> tree.write("link/a", content("x"))).hasMessageContaining("is a symbolic link");
        assertThatThrownBy(() -> tree.write("link/a/b", content("x"))).hasMessageContaining("is a symbolic link");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void fileInTheWayIsRefusedAndStays() throws IOException {
        tree.write("a", content("x"));

        assertThatThrownBy(() -> tree.write("a/b", content("y"))).hasMessageContaining("is not a directory");
        assertThat(root.resolve("a")).hasContent("x");
    }

    @Test
    void directoryInPlaceOfTheFileIsRefusedAndStays() throws IOException {
        tree.write("a/b", content("x"));

        assertThatThrownBy(() -> tree.write("a", content("y"))).hasMessageContaining("is a directory");
        assertThat(root.resolve("a/b")).hasContent("x");
    }

    private static InputStream content(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
