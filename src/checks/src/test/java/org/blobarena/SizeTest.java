package org.blobarena;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a reader can hold in mind: so many files in a package, so many lines in a file. */
class SizeTest {

    private static final int FILES_MAX = 25;
    private static final int LINES_MAX = 500;

    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\n]*");
    private static final Pattern LINE_OF_CODE = Pattern.compile("(?m)^(?!import |package ).*\\S.*$");

    @Test
    void noPackageHasTooManyFiles() throws IOException {
        Map<Path, Integer> files = new HashMap<>();
        for (Path file : Sources.java()) {
            files.merge(file.getParent(), 1, Integer::sum);
        }
        assertThat(files)
                .hasSizeGreaterThan(20)
                .allSatisfy((folder, count) ->
                        assertThat(count).as("files in %s", folder).isLessThanOrEqualTo(FILES_MAX));
    }

    /** Without comments and imports: to explain costs nothing. */
    @Test
    void noFileOfTheProductHasTooManyLines() throws IOException {
        for (Path file : Sources.java()) {
            if (file.toString().contains("main")) {
                String code = COMMENT.matcher(Sources.text(file)).replaceAll("");
                assertThat(LINE_OF_CODE.matcher(code).results().count())
                        .as("lines of %s", file)
                        .isLessThanOrEqualTo(LINES_MAX);
            }
        }
    }
}
