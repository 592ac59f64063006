package org.blobarena.arena.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(OS.WINDOWS)
class WholeFileTest {

    private static final Readers OWNER = new Readers(false, false);
    private static final Readers ALL = new Readers(true, true);

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rwxr-xr-x", "rw-rw-rw-", "r--------", "---------"})
    void replacedFileKeepsItsPermissions(String permissions) throws IOException {
        Path target = Files.writeString(temp.resolve("target"), "old");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(permissions));

        write(target, ALL);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo(permissions);
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
        assertThat(target).hasContent("new");
    }

    @Test
    void replacedFileKeepsItsOwnerAndGroup() throws IOException {
        Path target = Files.writeString(temp.resolve("target"), "old");
        try {
            Files.setAttribute(target, "unix:uid", 12_345);
            Files.setAttribute(target, "unix:gid", 54_321);
        } catch (FileSystemException | UnsupportedOperationException | IllegalArgumentException e) {
            Assumptions.abort("this process may not give files away");
        }

        write(target, ALL);

        assertThat(Files.getAttribute(target, "unix:uid")).isEqualTo(12_345);
        assertThat(Files.getAttribute(target, "unix:gid")).isEqualTo(54_321);
    }

    @ParameterizedTest
    @CsvSource({"rwx------, rw-r--r--, rw-------", "rwxr-x--x, rw-rw----, rw-rw----", "rwxr-xr-x, rw-r--r--, rw-rw-rw-"
    })
    void newFileIsForThoseWhoCanReadItsModel(String directory, String file, String expected) throws IOException {
        Path model = Files.createDirectory(temp.resolve("store")).resolve("file");
        Files.createFile(model);
        Files.setPosixFilePermissions(model, PosixFilePermissions.fromString(file));
        Files.setPosixFilePermissions(model.getParent(), PosixFilePermissions.fromString(directory));
        // What the mask of this process leaves of it.
        Path usual = Files.createFile(
                temp.resolve("usual"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(expected)));

        write(temp.resolve("target"), Readers.of(model));

        assertThat(Files.getPosixFilePermissions(temp.resolve("target")))
                .isEqualTo(Files.getPosixFilePermissions(usual));
    }

    @Test
    void modelThatIsNotThereLeavesTheOwnerAlone() {
        assertThat(Readers.of(temp.resolve("missing"))).isEqualTo(OWNER);
    }

    @Test
    void contentOfReplacementIsForItsOwnerUntilItIsWhole() throws IOException {
        Path target = Files.writeString(temp.resolve("target"), "old");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-rw-rw-"));

        try (WholeFile whole = WholeFile.replacing(target, ALL)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(whole.part())))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void contentIsForcedWhileTheOldFileIsInPlace() throws IOException {
        Path target = Files.writeString(temp.resolve("target"), "old");
        try (WholeFile whole = WholeFile.replacing(target, OWNER)) {
            whole.out().write("new".getBytes(StandardCharsets.UTF_8));
            whole.commit(channel -> {
                assertThat(target).hasContent("old");
                assertThat(channel.size()).isEqualTo(3);
            });
        }
        assertThat(target).hasContent("new");
    }

    @Test
    void failedForceLeavesTheOldFileAndNoPart() throws IOException {
        Path target = Files.writeString(temp.resolve("target"), "old");
        assertThatThrownBy(() -> {
                    try (WholeFile whole = WholeFile.replacing(target, OWNER)) {
                        whole.commit(channel -> {
                            throw new IOException("the device");
                        });
                    }
                })
                .hasMessage("the device");
        assertThat(target).hasContent("old");
        assertThat(temp).isDirectoryContaining(path -> path.equals(target)).isDirectoryNotContaining(WholeFile::isPart);
    }

    @Test
    void fileThatIsNotCommittedIsNotThere() throws IOException {
        try (WholeFile whole = WholeFile.replacing(temp.resolve("target"), OWNER)) {
            whole.out().write(1);
            assertThat(WholeFile.isPart(whole.part())).isTrue();
        }
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void interruptReachesNothing() throws IOException {
        Path target = temp.resolve("target");
        Thread.currentThread().interrupt();
        write(target, OWNER);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(target).hasContent("new");
    }

    @Test
    void whatIsNoFileIsNotReplaced() throws Exception {
        Path pipe = temp.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        assertThatThrownBy(() -> WholeFile.replacing(pipe, OWNER)).hasMessageEndingWith("is not a regular file");
        assertThatThrownBy(() -> WholeFile.replacing(temp, OWNER)).hasMessageEndingWith("is a directory");
        assertThat(temp).isDirectoryNotContaining(WholeFile::isPart);
    }

    private static void write(Path target, Readers readers) throws IOException {
        try (WholeFile whole = WholeFile.replacing(target, readers)) {
            whole.out().write("new".getBytes(StandardCharsets.UTF_8));
            whole.commit();
        }
    }
}
