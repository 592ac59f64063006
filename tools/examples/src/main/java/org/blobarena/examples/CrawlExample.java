package org.blobarena.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.blobarena.content.Digest;

/**
 * A crawler that follows links breadth-first. It asks of each address whether it has seen it, and keeps the same content
 * once, under all its addresses. Then it fetches everything again, as crawlers do every day, and finds nothing new.
 */
final class CrawlExample implements Example {

    @Override
    public void run(Input input, Figures figures) throws IOException, InterruptedException {
        WarcFiles archives = WarcFiles.among(input.sources());
        Web web = archives.files().isEmpty() ? new Sites(HtmlTree.all(input.sources())) : archives;
        Path directory = input.work().resolve("crawl");
        long heapBefore = Figures.heapBytes();
        long pages;
        try (Crawl crawl = Crawl.open(directory)) {
            figures.say("1. Crawl %s.", web);
            long started = System.nanoTime();
            web.crawl(crawl);
            crawl.report(figures, System.nanoTime() - started);
            pages = crawl.pages();
            figures.figure("on disk", Figures.megabytes(RealFiles.bytesOnDisk(directory)));
            figures.figure("heap", Figures.megabytes(Math.max(0, Figures.heapBytes() - heapBefore)));
            figures.check(pages > 0, "there was something to fetch");
        }
        compare(directory, web, pages, figures);
        crawlAgain(directory, web, figures);
    }

    private static void compare(Path directory, Web web, long pages, Figures figures) throws IOException {
        figures.say("2. Open both stores again, and compare every content with what is fetched now.");
        try (Crawl crawl = Crawl.open(directory)) {
            Set<Digest> distinct = new HashSet<>();
            long[] bytes = new long[2];
            long[] same = new long[1];
            web.fetchAgain((address, content) -> {
                same[0] += crawl.holds(address, content) ? 1 : 0;
                bytes[0] += content.length;
                bytes[1] += distinct.add(Digest.of(content)) ? content.length : 0;
            });
            figures.figure(
                    "dedup ratio",
                    "%.2f by number, %.2f by bytes",
                    (double) pages / distinct.size(),
                    (double) bytes[0] / bytes[1]);
            figures.check(same[0] == pages, "%,d of %,d addresses lead to their content", same[0], pages);
            figures.check(crawl.distinct() == distinct.size(), "each content is stored once");
        }
    }

    private static void crawlAgain(Path directory, Web web, Figures figures) throws IOException {
        figures.say("3. Fetch and store everything once more.");
        try (Crawl crawl = Crawl.open(directory)) {
            long distinct = crawl.distinct();
            long[] unseen = new long[1];
            long started = System.nanoTime();
            web.fetchAgain((address, content) -> {
                unseen[0] += crawl.unseen(List.of(address)).size();
                crawl.store(address, content);
            });
            crawl.report(figures, System.nanoTime() - started);
            figures.check(unseen[0] == 0 && crawl.distinct() == distinct, "neither an address nor a content is new");
        }
    }
}
