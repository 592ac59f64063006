package org.blobarena.examples;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/** A directory of HTML, read as a site: a page is a path below it, and leads to others. */
record HtmlTree(Path root) {

    private static final int PAGES_WANTED = 1000;

    /** The first of {@link #all}. */
    static HtmlTree of(List<Path> sources) throws IOException {
        return all(sources).get(0);
    }

    /**
     * The trees that the user named, else those on this machine that have enough pages: documentation that developers have in
     * several versions, or else what the system has.
     */
    static List<HtmlTree> all(List<Path> sources) throws IOException {
        if (!sources.isEmpty()) {
            return sources.stream().map(HtmlTree::new).toList();
        }
        List<HtmlTree> large = new ArrayList<>();
        for (Path candidate : manuals()) {
            HtmlTree tree = new HtmlTree(candidate);
            if (tree.pages(PAGES_WANTED).size() == PAGES_WANTED) {
                large.add(tree);
            }
        }
        if (!large.isEmpty()) {
            return large;
        }
        for (String directory : new String[] {"/usr/share/doc", "/usr/share", "/usr"}) {
            HtmlTree tree = new HtmlTree(Path.of(directory));
            if (!tree.pages(1).isEmpty()) {
                return List.of(tree);
            }
        }
        throw new Example.NoSourceException("no HTML found on this machine: name a directory of it");
    }

    /** Where the toolchains of Rust have their manuals. */
    private static List<Path> manuals() throws IOException {
        Path toolchains = Path.of(System.getProperty("user.home"), ".rustup", "toolchains");
        if (!Files.isDirectory(toolchains)) {
            return List.of();
        }
        try (Stream<Path> directories = Files.list(toolchains)) {
            return directories
                    .map(toolchain -> toolchain.resolve("share/doc/rust/html"))
                    .filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }

    /** So many files of HTML at most, in the order of their names, as paths relative to the root. */
    List<Path> pages(int pagesMax) throws IOException {
        return RealFiles.below(root, pagesMax, (file, bytes) -> isHtml(file)).stream()
                .map(root::relativize)
                .toList();
    }

    static boolean isHtml(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".html") || name.endsWith(".htm");
    }

    boolean has(Path page) {
        return Files.isRegularFile(root.resolve(page));
    }

    byte[] read(Path page) throws IOException {
        return Files.readAllBytes(root.resolve(page));
    }

    Document parse(Path page, byte[] content) {
        return Jsoup.parse(new String(content, StandardCharsets.UTF_8), page.toString());
    }

    /**
     * The pages of this tree that a page leads to, each once, in their order on it.
     *
     * @param isPage says which are there, without asking the disk about each link
     */
    Set<Path> links(Path page, Document document, Predicate<Path> isPage) {
        return targets(page, document, "a[href]", "href")
                .map(target -> isHtml(target) ? target : indexOf(target))
                .filter(isPage)
                .collect(inOrder());
    }

    /** The files of this tree that a page leads to or shows, each once. */
    Set<Path> resources(Path page, Document document) {
        return Stream.concat(
                        targets(page, document, "a[href], link[href]", "href"),
                        targets(page, document, "img[src], script[src]", "src"))
                .map(target -> Files.isDirectory(root.resolve(target)) ? indexOf(target) : target)
                .filter(this::has)
                .collect(inOrder());
    }

    private static Path indexOf(Path directory) {
        return directory.resolve("index.html").normalize();
    }

    private static <T> Collector<T, ?, Set<T>> inOrder() {
        return Collectors.toCollection(LinkedHashSet::new);
    }

    private static Stream<Path> targets(Path page, Document document, String elements, String attribute) {
        return document.select(elements).stream()
                .map(element -> element.attr(attribute))
                .distinct()
                .map(link -> target(page, link))
                .flatMap(Optional::stream);
    }

    /** The file that a link means, which may not be there, as far as it would lie below the root. */
    private static Optional<Path> target(Path page, String link) {
        try {
            URI uri = new URI(link);
            String path = uri.getPath();
            if (uri.getScheme() != null || uri.getAuthority() != null || path == null || path.isEmpty()) {
                return Optional.empty();
            }
            Path target = page.resolveSibling(path).normalize();
            return target.isAbsolute() || target.startsWith("..") ? Optional.empty() : Optional.of(target);
        } catch (URISyntaxException | InvalidPathException e) {
            return Optional.empty(); // The web is full of them.
        }
    }
}
