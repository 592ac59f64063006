package org.blobarena.examples;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import org.blobarena.content.ContentStore;
import org.blobarena.content.Digest;
import org.blobarena.content.SeenSet;
import org.blobarena.store.api.KeyCodec;

/** What a crawler keeps of what it fetches: which addresses it has seen, and each content once. */
final class Crawl implements Closeable {

    private final SeenSet<String> seen;
    private final ContentStore contents;
    private long pages;
    private long bytes;
    private long questions;
    private long seenNanos;
    private long putNanos;

    private Crawl(SeenSet<String> seen, ContentStore contents) {
        this.seen = seen;
        this.contents = contents;
    }

    static Crawl open(Path directory) throws IOException {
        SeenSet<String> seen = SeenSet.open(directory.resolve("seen"), KeyCodec.utf8());
        try {
            return new Crawl(seen, ContentStore.open(directory.resolve("contents")));
        } catch (IOException | RuntimeException e) {
            seen.close();
            throw e;
        }
    }

    /** Marks addresses as seen, and returns those that were not. */
    List<String> unseen(Collection<String> addresses) throws IOException {
        long started = System.nanoTime();
        List<String> asked = List.copyOf(addresses);
        BitSet isNew = seen.addAll(asked);
        List<String> unseen = isNew.stream().mapToObj(asked::get).toList();
        questions += asked.size();
        seenNanos += System.nanoTime() - started;
        return unseen;
    }

    /** Keeps a content under its address. For several threads at once. */
    void store(String address, byte[] content) throws IOException {
        long started = System.nanoTime();
        contents.put(address, content);
        long nanos = System.nanoTime() - started;
        synchronized (this) {
            putNanos += nanos;
            pages++;
            bytes += content.length;
        }
    }

    long pages() {
        return pages;
    }

    long bytes() {
        return bytes;
    }

    long distinct() {
        return contents.contentCount();
    }

    /** Prints what {@link #unseen} and {@link #store} have done. */
    void report(Figures figures, long nanos) {
        figures.figure(
                "contents fetched",
                "%,d, %s, %s, %s",
                pages,
                Figures.rate(pages, nanos),
                Figures.megabytes(bytes),
                Figures.speed(bytes, nanos));
        figures.figure(
                "asked whether an address is new", "%,d times, %s", questions, Figures.rate(questions, seenNanos));
        figures.figure("put into the content store", "%s", Figures.speed(bytes, putNanos));
        figures.figure("addresses, distinct contents", "%,d, %,d", seen.size(), contents.contentCount());
    }

    /** Whether an address leads to this content, also by its digest. */
    boolean holds(String address, byte[] content) throws IOException {
        Digest digest = contents.resolve(address);
        return digest != null
                && digest.equals(Digest.of(content))
                && Arrays.equals(contents.get(digest), content)
                && seen.contains(address);
    }

    @Override
    public void close() throws IOException {
        try (seen;
                contents) {
            // Closed one by one, also when one fails.
        }
    }
}
