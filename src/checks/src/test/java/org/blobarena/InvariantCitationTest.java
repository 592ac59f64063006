package org.blobarena;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every invariant of the format is one that some test says it shows, and no test says so of one that is not there. */
class InvariantCitationTest {

    private static final Pattern SECTION = Pattern.compile("(?s)\n## 9\\. Invariants\n(.*?)\n## ");
    private static final Pattern NUMBERED = Pattern.compile("(?m)^(\\d+)\\. ");
    private static final Pattern CITATION = Pattern.compile("Shows invariants? ([\\d, and]+) of store-format\\.md");
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final Pattern LINE_BREAK_OF_JAVADOC = Pattern.compile("\\s*\n\\s*\\* ?");

    @Test
    void everyInvariantIsCitedByATestAndEveryCitationNamesOne() throws IOException {
        Set<Integer> stated = stated(Files.readString(Path.of("store-format.md")));
        assertThat(stated).hasSizeGreaterThan(5);
        assertThat(cited()).isEqualTo(stated);
    }

    private static Set<Integer> stated(String specification) {
        Matcher section = SECTION.matcher(specification);
        assertThat(section.find()).isTrue();
        return numbers(NUMBERED, section.group(1));
    }

    private static Set<Integer> cited() throws IOException {
        Set<Integer> cited = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src"))) {
            for (Path source :
                    sources.filter(path -> path.toString().endsWith(".java")).toList()) {
                String text =
                        LINE_BREAK_OF_JAVADOC.matcher(Files.readString(source)).replaceAll(" ");
                Matcher citation = CITATION.matcher(text);
                while (citation.find()) {
                    cited.addAll(numbers(NUMBER, citation.group(1)));
                }
            }
        }
        return cited;
    }

    private static Set<Integer> numbers(Pattern pattern, String text) {
        Set<Integer> numbers = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            numbers.add(Integer.parseInt(matcher.group(matcher.groupCount())));
        }
        return numbers;
    }
}
