package org.blobarena.examples;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.blobarena.arena.ArenaOptions;
import org.blobarena.arena.FileArena;
import org.blobarena.arena.Location;
import org.blobarena.arena.RollingArenaWriter;
import org.blobarena.examples.BreadthFirst.Texts;
import org.blobarena.examples.BreadthFirst.Walk;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;

/**
 * A walk through linked pages whose text stays on disk: once with the locations of an arena in the nodes, once with a
 * store by the number of the node, and for comparison with the text on the heap.
 */
final class GraphExample implements Example {

    private static final int NODES_WANTED = 10_000;
    private static final int NODES_MAX = 12_000;
    private static final int ROUNDS = 5;

    /**
     * A node as it stays in memory.
     *
     * @param text where its text is
     * @param links the numbers of the nodes that it leads to
     */
    record Node(Location text, int[] links) {}

    @Override
    public void run(Input input, Figures figures) throws IOException {
        LinkedHtml html = new LinkedHtml(HtmlTree.of(input.sources()));
        if (html.size() == 0) {
            throw new NoSourceException("no HTML in " + input.sources());
        }
        Path sources = LinkedSources.ofThisJava();
        if (input.sources().isEmpty() && html.size() < NODES_WANTED && Files.isRegularFile(sources)) {
            try (LinkedSources classes = new LinkedSources(sources)) {
                run(classes, NODES_WANTED, input.work(), figures);
            }
        } else {
            run(html, Math.min(html.size(), NODES_WANTED), input.work(), figures);
        }
    }

    private static void run(LinkedPages pages, int nodesMin, Path work, Figures figures) throws IOException {
        figures.say("A graph of at most %,d of the %s", NODES_MAX, pages.description());
        ArenaOptions options = ArenaOptions.builder()
                .temporaryDirectory(Files.createDirectory(work.resolve("scratch")))
                .build();
        Node[] nodes;
        byte[][] texts;
        try (RollingArenaWriter writer = new RollingArenaWriter(options);
                BlobStore<Long> store = BlobStore.open(work.resolve("store"), KeyCodec.longs())) {
            long started = System.nanoTime();
            nodes = load(pages, writer, store);
            long nanos = System.nanoTime() - started;
            long links =
                    Arrays.stream(nodes).mapToLong(node -> node.links.length).sum();
            figures.figure("nodes and links", "%,d and %,d", nodes.length, links);
            figures.figure("parsed, and stored both ways", "%s", Figures.rate(nodes.length, nanos));
            figures.check(nodes.length >= nodesMin, "there are at least %,d nodes", nodesMin);
            try (FileArena arena = writer.finish()) {
                texts = compare(nodes, arena, store, figures);
            }
        }
        figures.figure("heap of nodes, links and locations", "%s", Figures.megabytes(heapBytes(() -> copyOf(nodes))));
        figures.figure("heap that the text takes beside it", "%s", Figures.megabytes(heapBytes(() -> copyOf(texts))));
        Reference.reachabilityFence(pages); // Or the names of all pages would be collected between two measurements.
    }

    private static Node[] load(LinkedPages pages, RollingArenaWriter writer, BlobStore<Long> store) throws IOException {
        List<Location> locations = new ArrayList<>();
        int[][] links = pages.crawl(NODES_MAX, (page, text) -> {
            locations.add(writer.push(text));
            store.put((long) page, text);
        });
        Node[] nodes = new Node[links.length];
        Arrays.setAll(nodes, i -> new Node(locations.get(i), links[i]));
        return nodes;
    }

    private static byte[][] compare(Node[] nodes, FileArena arena, BlobStore<Long> store, Figures figures)
            throws IOException {
        figures.say("Breadth-first from the last page, %,d texts at once into one buffer", BreadthFirst.BATCH);
        BreadthFirst search = new BreadthFirst(nodes);
        Walk byLocation = median(search, ofArena(nodes, arena), figures, "raw arena, locations in the nodes");
        Walk byKey = median(search, ofStore(store), figures, "store, by the number of the node");
        byte[][] texts = new byte[nodes.length][];
        for (int i = 0; i < nodes.length; i++) {
            texts[i] = arena.get(nodes[i].text);
        }
        Walk onHeap = median(search, ofHeap(texts), figures, "text on the heap, for comparison");
        figures.figure("levels", "%,d", byLocation.levels());
        figures.figure("text", "%s", Figures.megabytes(byLocation.textBytes()));
        figures.figure("the buffer grew to", "%s", Figures.megabytes(byLocation.bufferBytes()));
        figures.check(byLocation.nodes() == nodes.length, "every node was visited");
        figures.check(
                byLocation.sameAs(byKey) && byKey.sameAs(onHeap),
                "all three concatenate the same text (CRC-32C %08x)",
                byLocation.checksum());
        return texts;
    }

    /** What one more object takes. Measured last, when the threads of the store hold nothing any more. */
    private static long heapBytes(Supplier<Object[]> copying) {
        long before = Figures.heapBytes();
        Object[] copy = copying.get();
        long bytes = Figures.heapBytes() - before;
        Reference.reachabilityFence(copy);
        return bytes;
    }

    private static Node[] copyOf(Node[] nodes) {
        Node[] copy = new Node[nodes.length];
        Arrays.setAll(copy, i -> {
            Location text = nodes[i].text;
            return new Node(new Location(text.fileIndex(), text.offset(), text.length()), nodes[i].links.clone());
        });
        return copy;
    }

    private static byte[][] copyOf(byte[][] texts) {
        byte[][] copy = new byte[texts.length][];
        Arrays.setAll(copy, i -> texts[i].clone());
        return copy;
    }

    private static Texts ofArena(Node[] nodes, FileArena arena) {
        return (visited, from, to, target) -> {
            for (int i = from; i < to; i++) {
                arena.appendTo(nodes[visited[i]].text, target);
            }
        };
    }

    private static Texts ofStore(BlobStore<Long> store) {
        return (visited, from, to, target) -> {
            List<Long> keys =
                    Arrays.stream(visited, from, to).mapToObj(Long::valueOf).toList();
            Map<Long, byte[]> batch = store.getAll(keys);
            keys.forEach(key -> target.append(batch.get(key)));
        };
    }

    private static Texts ofHeap(byte[][] texts) {
        return (visited, from, to, target) -> {
            for (int i = from; i < to; i++) {
                target.append(texts[visited[i]]);
            }
        };
    }

    /** The walk that took the median of the time. */
    private static Walk median(BreadthFirst search, Texts texts, Figures figures, String name) throws IOException {
        List<Walk> walks = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            walks.add(search.walk(texts));
        }
        walks.sort(Comparator.comparingLong(Walk::nanos));
        Walk median = walks.get(ROUNDS / 2);
        figures.figure(
                name,
                "%s nodes, %s",
                Figures.rate(median.nodes(), median.nanos()),
                Figures.speed(median.textBytes(), median.nanos()));
        figures.check(walks.stream().allMatch(median::sameAs), "each of %d rounds gave the same text", ROUNDS);
        return median;
    }
}
