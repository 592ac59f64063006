package org.blobarena.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Directories of HTML, each a site, whose links lead from one page to others. */
final class Sites implements Web {

    private static final int FILES_MAX = 10_000;

    /** Fetched at once. */
    private static final int BATCH = 256;

    /** The links of longer pages are not followed. */
    private static final int PARSED_BYTES_MAX = 256 << 10;

    private static final long BYTES_MAX = 200_000_000;

    private final List<HtmlTree> trees;
    private final List<Place> stored = new ArrayList<>();

    Sites(List<HtmlTree> trees) {
        this.trees = trees;
    }

    private record Place(HtmlTree tree, Path page) {

        Stream<Place> linksFrom(byte[] content) {
            return HtmlTree.isHtml(page) && content.length <= PARSED_BYTES_MAX
                    ? tree.resources(page, tree.parse(page, content)).stream().map(target -> new Place(tree, target))
                    : Stream.of();
        }

        String address() {
            return tree.root().resolve(page).toUri().toString();
        }
    }

    /** Breadth-first, from the first pages on. What no link leads to is found by its name at the end. */
    @Override
    public void crawl(Crawl crawl) throws IOException {
        Deque<Place> frontier = new ArrayDeque<>();
        Deque<Place> unlinked = new ArrayDeque<>();
        for (HtmlTree tree : trees) {
            frontier.add(new Place(tree, Path.of("index.html")));
            tree.pages(FILES_MAX).forEach(page -> unlinked.add(new Place(tree, page)));
        }
        frontier.removeIf(place -> !place.tree.has(place.page));
        crawl.unseen(addresses(frontier).keySet());
        while (stored.size() < FILES_MAX && crawl.bytes() < BYTES_MAX) {
            if (frontier.isEmpty()) {
                enqueue(crawl, take(unlinked), frontier);
                if (unlinked.isEmpty() && frontier.isEmpty()) {
                    return;
                }
            }
            List<Place> batch = take(frontier);
            enqueue(crawl, fetch(crawl, batch), frontier);
            stored.addAll(batch);
        }
    }

    private static List<Place> take(Deque<Place> places) {
        List<Place> batch = new ArrayList<>();
        while (!places.isEmpty() && batch.size() < BATCH) {
            batch.add(places.removeFirst());
        }
        return batch;
    }

    /** Stores the contents of some places, several at once, and returns where they lead. */
    private static List<Place> fetch(Crawl crawl, List<Place> places) throws IOException {
        try {
            return places.parallelStream()
                    .flatMap(place -> {
                        try {
                            byte[] content = place.tree.read(place.page);
                            crawl.store(place.address(), content);
                            return place.linksFrom(content);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void enqueue(Crawl crawl, List<Place> places, Deque<Place> frontier) throws IOException {
        Map<String, Place> byAddress = addresses(places);
        for (String address : crawl.unseen(byAddress.keySet())) {
            frontier.add(byAddress.get(address));
        }
    }

    private static Map<String, Place> addresses(Collection<Place> places) {
        Map<String, Place> byAddress = new LinkedHashMap<>();
        for (Place place : places) {
            byAddress.put(place.address(), place);
        }
        return byAddress;
    }

    @Override
    public void fetchAgain(Visitor visitor) throws IOException {
        for (Place place : stored) {
            visitor.visit(place.address(), place.tree.read(place.page));
        }
    }

    @Override
    public String toString() {
        return trees.stream().map(tree -> tree.root().toString()).collect(Collectors.joining(", "));
    }
}
