package org.blobarena.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jsoup.nodes.Document;

/** Pages of HTML, and what stands in their links. */
final class LinkedHtml extends LinkedPages {

    private final HtmlTree tree;
    private final List<Path> pages;
    private final Set<Path> known;

    LinkedHtml(HtmlTree tree) throws IOException {
        this.tree = tree;
        this.pages = tree.pages(Integer.MAX_VALUE);
        this.known = Set.copyOf(pages);
    }

    int size() {
        return pages.size();
    }

    @Override
    String description() {
        return String.format("%,d pages of HTML below %s", pages.size(), tree.root());
    }

    @Override
    List<String> names() {
        return pages.stream().map(Path::toString).toList();
    }

    @Override
    Page read(String name) throws IOException {
        Path page = Path.of(name);
        Document document = tree.parse(page, tree.read(page));
        List<String> links = tree.links(page, document, known::contains).stream()
                .map(Path::toString)
                .toList();
        return new Page(document.text(), links);
    }
}
