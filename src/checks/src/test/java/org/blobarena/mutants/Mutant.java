package org.blobarena.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A bug that can be planted: a hunk without line numbers, and the tests that must notice it.
 *
 * <p>In the list a mutant is a paragraph: {@code mutant NAME: what it breaks}, {@code file PATH}, {@code tests CLASS[#METHOD]
 * ...} ({@code races} for {@code tests} where it takes threads that happen to meet), then lines that begin with a blank (context), {@code -} (removed) or {@code +} (added). Lines are compared without
 * their indentation, so that a change of format does not concern the list. Lines that begin with {@code #} are comments.
 *
 * @param name of the mutant, unique in the list
 * @param breaks what the bug does, for people
 * @param file the source file, relative to the root of the project
 * @param tests classes, or methods of classes, by their simple names
 * @param byChance whether they notice it only most of the time
 * @param hunk the lines with their first characters
 */
record Mutant(String name, String breaks, String file, List<String> tests, boolean byChance, List<String> hunk) {

    /** Reads a list. */
    static List<Mutant> parse(Path list) throws IOException {
        List<Mutant> mutants = new ArrayList<>();
        List<String> paragraph = new ArrayList<>();
        for (String line : Files.readAllLines(list)) {
            if (line.startsWith("#")) {
                continue;
            }
            if (!line.isBlank()) {
                paragraph.add(line);
            } else if (!paragraph.isEmpty()) {
                mutants.add(of(paragraph));
                paragraph.clear();
            }
        }
        if (!paragraph.isEmpty()) {
            mutants.add(of(paragraph));
        }
        return mutants;
    }

    private static Mutant of(List<String> paragraph) {
        if (paragraph.size() < 4) {
            throw new IllegalArgumentException("a mutant has four lines or more: " + paragraph);
        }
        String title = field("mutant", paragraph.get(0));
        int colon = title.indexOf(": ");
        if (colon < 0) {
            throw new IllegalArgumentException("a mutant has a name and says what it breaks: " + title);
        }
        boolean byChance = paragraph.get(2).startsWith("races ");
        List<String> hunk = List.copyOf(paragraph.subList(3, paragraph.size()));
        if (hunk.stream().noneMatch(line -> line.startsWith("-") || line.startsWith("+"))) {
            throw new IllegalArgumentException("a mutant that changes nothing: " + title);
        }
        return new Mutant(
                title.substring(0, colon),
                title.substring(colon + 2),
                field("file", paragraph.get(1)),
                List.of(field(byChance ? "races" : "tests", paragraph.get(2)).split(" ")),
                byChance,
                hunk);
    }

    private static String field(String name, String line) {
        if (!line.startsWith(name + " ")) {
            throw new IllegalArgumentException("expected \"" + name + " ...\", found: " + line);
        }
        return line.substring(name.length() + 1).strip();
    }

    /**
     * Plants the bug.
     *
     * @return the source with it
     * @throws IllegalArgumentException if the place is not there, or is not the only one
     */
    String plantIn(String source) {
        List<String> lines = source.lines().toList();
        List<String> sought = sought();
        int place = -1;
        for (int i = 0; i + sought.size() <= lines.size(); i++) {
            if (stands(sought, lines, i)) {
                if (place >= 0) {
                    throw new IllegalArgumentException(
                            name + " applies at lines " + (place + 1) + " and " + (i + 1) + " of " + file);
                }
                place = i;
            }
        }
        if (place < 0) {
            throw new IllegalArgumentException(name + " applies nowhere in " + file);
        }
        List<String> planted = new ArrayList<>(lines.subList(0, place));
        for (String line : hunk) {
            if (!line.startsWith("-")) {
                planted.add(line.substring(1));
            }
        }
        planted.addAll(lines.subList(place + sought.size(), lines.size()));
        return String.join("\n", planted) + "\n";
    }

    private List<String> sought() {
        return hunk.stream()
                .filter(line -> !line.startsWith("+"))
                .map(line -> line.substring(1).strip())
                .toList();
    }

    private static boolean stands(List<String> sought, List<String> lines, int start) {
        for (int i = 0; i < sought.size(); i++) {
            if (!lines.get(start + i).strip().equals(sought.get(i))) {
                return false;
            }
        }
        return true;
    }
}
