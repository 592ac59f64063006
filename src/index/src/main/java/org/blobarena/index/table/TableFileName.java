package org.blobarena.index.table;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.blobarena.arena.internal.io.Directory;

/**
 * The name of a table's file: {@code index-<16 hex digits of its number>.table}. Nothing that is named otherwise is ours, and
 * nothing else is ever deleted.
 *
 * @param number random, and in the seal too. Each seal has another, and the file is renamed to it: so neither a file under
 *     another's name nor one that was sealed earlier is taken for the last
 */
record TableFileName(long number) {

    private static final Pattern PATTERN = Pattern.compile("index-([0-9a-f]{16})\\.table");

    static TableFileName random() {
        return new TableFileName(new SecureRandom().nextLong());
    }

    /** Reads a name; empty when it is not one of ours. */
    static Optional<TableFileName> parse(String text) {
        Matcher matcher = PATTERN.matcher(text);
        return matcher.matches()
                ? Optional.of(new TableFileName(Long.parseUnsignedLong(matcher.group(1), 16)))
                : Optional.empty();
    }

    /** Returns the files of tables in a directory, in no order. What else has such a name is no file of ours. */
    static List<TableFileName> list(Directory directory) throws IOException {
        List<TableFileName> names = new ArrayList<>();
        for (String name : directory.list()) {
            parse(name).ifPresent(names::add);
        }
        return names;
    }

    /** Returns the name as it stands in the directory. */
    String text() {
        return "index-" + HexFormat.of().toHexDigits(number) + ".table";
    }
}
