package org.blobarena.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jsoup.nodes.Document;

/** Pages of HTML, and what stands in their links. */
final class LinkedHtml extends LinkedPages {

    private final HtmlTree tree;
    private final List<String> names;
    private final Set<String> known;

    LinkedHtml(HtmlTree tree) throws IOException {
        this.tree = tree;
        this.names = tree.pages(Integer.MAX_VALUE).stream().map(Path::toString).toList();
        this.known = Set.copyOf(names);
    }

    int size() {
        return names.size();
    }

    @Override
    String description() {
        return String.format("%,d pages of HTML below %s", names.size(), tree.root());
    }

    @Override
    List<String> names() {
        return names;
    }

    @Override
    Page read(String name) throws IOException {
        Path page = Path.of(name);
        Document document = tree.parse(page, tree.read(page));
        List<String> links = tree.links(page, document, target -> known.contains(target.toString())).stream()
                .map(Path::toString)
                .toList();
        return new Page(document.text(), links);
    }
}
