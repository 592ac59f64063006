package org.blobarena;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of the documentation, taken apart: what its reader would run, follow or look up. */
record Page(Path file, String text) {

    static final Path README = Path.of("README.md");
    static final Path FOLDER = Path.of("src/docs");

    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)]*)\\)");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (.*) \\|$");

    /** What stands between two fences. */
    public record Block(String language, String body) {}

    /** The README and every page of the folder, where there are pictures too. */
    static List<Page> all() throws IOException {
        List<Page> pages = new ArrayList<>(List.of(read(README)));
        try (Stream<Path> files = Files.walk(FOLDER)) {
            files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .map(Page::read)
                    .forEach(pages::add);
        }
        return pages;
    }

    static Page named(String name) {
        return read(FOLDER.resolve(name));
    }

    static Page read(Path file) {
        try {
            return new Page(file, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return file.getFileName().toString();
    }

    /** As {@code wc -w} counts. */
    int words() {
        return text.strip().split("\\s+", -1).length;
    }

    List<Block> blocks() {
        return BLOCK.matcher(text)
                .results()
                .map(block -> new Block(block.group(1), block.group(2)))
                .toList();
    }

    List<String> blocks(String language) {
        return blocks().stream()
                .filter(block -> block.language().equals(language))
                .map(Block::body)
                .toList();
    }

    /** The names under which headings can be linked to. */
    Set<String> anchors() {
        Set<String> anchors = new HashSet<>();
        groups(HEADING, prose())
                .map(heading -> heading.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .forEach(anchors::add);
        return anchors;
    }

    List<String> links() {
        return groups(LINK, prose()).toList();
    }

    /** What stands in the prose as code. */
    List<String> code() {
        return code(prose());
    }

    static List<String> code(String prose) {
        return groups(CODE, prose).toList();
    }

    /** The rows of all tables that have a column of this name: from there on, by cells. */
    List<List<String>> rowsWith(String column) {
        List<List<String>> found = new ArrayList<>();
        for (String table : prose().split("\\n\\s*\\n", -1)) {
            List<List<String>> rows = groups(ROW, table)
                    .map(row -> List.of(row.split(" \\| ", -1)))
                    .toList();
            if (!rows.isEmpty() && rows.get(0).contains(column)) {
                int at = rows.get(0).indexOf(column);
                rows.stream().skip(1).map(row -> row.subList(at, row.size())).forEach(found::add);
            }
        }
        return found;
    }

    private String prose() {
        return BLOCK.matcher(text).replaceAll("");
    }

    private static Stream<String> groups(Pattern pattern, String in) {
        return pattern.matcher(in).results().map((MatchResult match) -> match.group(1));
    }
}
