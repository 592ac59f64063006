package org.blobarena.examples;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/** A directory of HTML, read as a site: a page is a path below it, and leads to others. */
record HtmlTree(Path root) {

    private static final int PAGES_WANTED = 1000;

    /** Trees of documentation that machines of developers have, the largest first. */
    private static List<Path> candidates() throws IOException {
        List<Path> candidates = new ArrayList<>();
        Path toolchains = Path.of(System.getProperty("user.home"), ".rustup", "toolchains");
        if (Files.isDirectory(toolchains)) {
            try (Stream<Path> directories = Files.list(toolchains)) {
                directories
                        .sorted()
                        .map(toolchain -> toolchain.resolve("share/doc/rust/html"))
                        .forEach(candidates::add);
            }
        }
        candidates.add(Path.of("/usr/share/doc"));
        candidates.add(Path.of("/usr/lib/node_modules"));
        return candidates;
    }

    /** The tree that the user named, else the first on this machine that has enough pages, else the one with the most. */
    static HtmlTree of(List<Path> sources) throws IOException {
        if (!sources.isEmpty()) {
            return new HtmlTree(sources.get(0));
        }
        HtmlTree best = null;
        int most = 0;
        for (Path candidate : candidates()) {
            HtmlTree tree = new HtmlTree(candidate);
            int pages = Files.isDirectory(candidate) ? tree.pages(PAGES_WANTED).size() : 0;
            if (pages > most) {
                best = tree;
                most = pages;
            }
        }
        if (best == null) {
            throw new Example.NoSourceException("no HTML found on this machine: name a directory of it");
        }
        return best;
    }

    /** So many regular files of HTML at most, in the order of their names, as paths relative to the root. */
    List<Path> pages(int pagesMax) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(HtmlTree::isHtml)
                    .filter(Files::isRegularFile)
                    .limit(pagesMax)
                    .map(root::relativize)
                    .sorted()
                    .toList();
        }
    }

    static boolean isHtml(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".html") || name.endsWith(".htm");
    }

    byte[] read(Path page) throws IOException {
        return Files.readAllBytes(root.resolve(page));
    }

    Document parse(Path page, byte[] content) {
        return Jsoup.parse(new String(content, StandardCharsets.UTF_8), page.toString());
    }

    /** The pages of this tree that a page leads to, each once, in their order on it. */
    Set<Path> links(Path page, Document document) {
        return links(page, document, target -> Files.isRegularFile(root.resolve(target)));
    }

    /** The same, for callers that know the pages without asking the disk about each link. */
    Set<Path> links(Path page, Document document, Predicate<Path> isPage) {
        Set<Path> links = new LinkedHashSet<>();
        for (Element anchor : document.select("a[href]")) {
            Path target = target(page, anchor.attr("href"));
            if (target != null && isPage.test(target)) {
                links.add(target);
            }
        }
        return links;
    }

    /** The page that a link means, which may not be there, as far as it would lie below the root. */
    private @Nullable Path target(Path page, String link) {
        try {
            URI uri = new URI(link);
            String path = uri.getPath();
            if (uri.getScheme() != null || uri.getAuthority() != null || path == null || path.isEmpty()) {
                return null;
            }
            Path target = page.resolveSibling(path).normalize();
            if (target.isAbsolute() || target.startsWith("..")) {
                return null;
            }
            return isHtml(target) ? target : target.resolve("index.html").normalize();
        } catch (URISyntaxException | InvalidPathException e) {
            return null; // The web is full of them.
        }
    }
}
