package org.blobarena.index.chronicle.map;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The name of an index file: {@code index-<16 hex digits of its generation>.map}. Nothing that is named otherwise is
 * ours, and nothing else is ever deleted.
 *
 * @param generation rises with every map that is made in a directory
 */
public record IndexFileName(long generation) {

    private static final Pattern PATTERN = Pattern.compile("index-([0-9a-f]{16})\\.map");

    /** Reads a name; empty when it is not one of ours. */
    public static Optional<IndexFileName> parse(String text) {
        Matcher matcher = PATTERN.matcher(text);
        return matcher.matches()
                ? Optional.of(new IndexFileName(Long.parseUnsignedLong(matcher.group(1), 16)))
                : Optional.empty();
    }

    /** Returns the index files of a directory, in no order. What else has such a name is no file of ours. */
    public static List<IndexFileName> list(Path directory) throws IOException {
        List<IndexFileName> names = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            entries.filter(entry -> Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS))
                    .forEach(entry -> parse(entry.getFileName().toString()).ifPresent(names::add));
        }
        return names;
    }

    /** Returns the name as it stands in the directory. */
    public String text() {
        return String.format("index-%016x.map", generation);
    }

    /** Returns the name of the next map. */
    public IndexFileName next() {
        return new IndexFileName(generation + 1);
    }
}
