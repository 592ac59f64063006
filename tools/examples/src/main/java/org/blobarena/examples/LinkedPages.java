package org.blobarena.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Pages that lead to others by their names, numbered in the order in which they are found. */
abstract class LinkedPages {

    private static final int PARSED_AT_ONCE = 256;

    /**
     * A page.
     *
     * @param text without markup
     * @param links names of pages, each once
     */
    record Page(String text, Collection<String> links) {}

    /** Takes the text of each page, in the order of their numbers. */
    @FunctionalInterface
    interface TextSink {

        void accept(int page, byte[] text) throws IOException;
    }

    /** What these pages are, for the user. */
    abstract String description();

    /** The names of all pages, in the order in which those that no other leads to are found. */
    abstract List<String> names() throws IOException;

    /** Reads a page; several are read at once. */
    abstract Page read(String name) throws IOException;

    /**
     * Follows the links from the first page until there are so many; then from the next one that was not found yet.
     *
     * @return by page, those of the pages found that it leads to
     */
    int[][] crawl(int pagesMax, TextSink texts) throws IOException {
        Map<String, Integer> numbers = new HashMap<>();
        List<String> found = new ArrayList<>();
        List<int[]> links = new ArrayList<>();
        Iterator<String> roots = names().iterator();
        while (links.size() < found.size() || findRoot(roots, numbers, found, pagesMax)) {
            int next = links.size();
            for (Page page : read(found.subList(next, Math.min(next + PARSED_AT_ONCE, found.size())))) {
                texts.accept(links.size(), page.text().getBytes(StandardCharsets.UTF_8));
                links.add(page.links().stream()
                        .map(link -> number(link, numbers, found, pagesMax))
                        .filter(number -> number >= 0)
                        .mapToInt(Integer::intValue)
                        .toArray());
            }
        }
        return links.toArray(int[][]::new);
    }

    private static boolean findRoot(
            Iterator<String> roots, Map<String, Integer> numbers, List<String> found, int pagesMax) {
        int before = found.size();
        while (roots.hasNext() && found.size() == before) {
            number(roots.next(), numbers, found, pagesMax);
        }
        return found.size() > before;
    }

    /** That of a page found before or now; -1 if there are too many. */
    private static int number(String name, Map<String, Integer> numbers, List<String> found, int pagesMax) {
        Integer known = numbers.get(name);
        if (known != null) {
            return known;
        }
        if (found.size() == pagesMax) {
            return -1;
        }
        int number = found.size();
        numbers.put(name, number);
        found.add(name);
        return number;
    }

    private List<Page> read(List<String> names) throws IOException {
        List<String> fixed = List.copyOf(names);
        try {
            return IntStream.range(0, fixed.size())
                    .parallel()
                    .mapToObj(i -> {
                        try {
                            return read(fixed.get(i));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
