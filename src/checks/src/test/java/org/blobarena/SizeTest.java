package org.blobarena;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a reader can hold in mind: so many files in a package, so many lines in a file. */
class SizeTest {

    private static final int FILES_MAX = 25;
    private static final int LINES_MAX = 500;

    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\n]*");
    private static final Pattern LINE_OF_CODE = Pattern.compile("(?m)^(?!import |package ).*\\S.*$");

    @TempDir
    private Path directory;

    @Test
    void noPackageHasTooManyFiles() throws IOException {
        assertThat(filesOfPackages(Sources.java())).hasSizeGreaterThan(20);
        assertThat(packagesTooLarge(Sources.java())).isEmpty();
    }

    @Test
    void noFileOfTheProductHasTooManyLines() throws IOException {
        assertThat(filesTooLong(Sources.java())).isEmpty();
    }

    @Test
    void packageWithOneFileTooManyIsReported() {
        Path full = Path.of("src/full");
        Path overfull = Path.of("src/overfull");
        List<Path> files = new ArrayList<>(List.of(overfull.resolve("OneTooMany.java")));
        for (int i = 0; i < FILES_MAX; i++) {
            files.add(full.resolve(i + ".java"));
            files.add(overfull.resolve(i + ".java"));
        }

        assertThat(packagesTooLarge(files)).containsOnlyKeys(overfull).containsEntry(overfull, FILES_MAX + 1);
    }

    @Test
    void fileWithOneLineTooManyIsReported() throws IOException {
        String imports = "package p;\nimport p.Type;\n\n/** Says\n * much. */\n// And\n";
        Path full = write("main/Full.java", imports + "line\n".repeat(LINES_MAX));
        Path overfull = write("main/Overfull.java", imports + "line\n".repeat(LINES_MAX + 1));
        Path test = write("test/LongTest.java", "line\n".repeat(LINES_MAX + 1));

        assertThat(filesTooLong(List.of(full, overfull, test)))
                .containsOnlyKeys(overfull)
                .containsEntry(overfull, LINES_MAX + 1L);
    }

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static Map<Path, Integer> packagesTooLarge(List<Path> files) {
        Map<Path, Integer> tooLarge = filesOfPackages(files);
        tooLarge.values().removeIf(count -> count <= FILES_MAX);
        return tooLarge;
    }

    private static Map<Path, Integer> filesOfPackages(List<Path> files) {
        Map<Path, Integer> counts = new TreeMap<>();
        for (Path file : files) {
            counts.merge(file.getParent(), 1, Integer::sum);
        }
        return counts;
    }

    /** Without comments and imports: to explain costs nothing. */
    private static Map<Path, Long> filesTooLong(List<Path> files) throws IOException {
        Map<Path, Long> tooLong = new TreeMap<>();
        for (Path file : files) {
            if (file.toString().contains("main")) {
                String code = COMMENT.matcher(Sources.text(file)).replaceAll("");
                long lines = LINE_OF_CODE.matcher(code).results().count();
                if (lines > LINES_MAX) {
                    tooLong.put(file, lines);
                }
            }
        }
        return tooLong;
    }
}
