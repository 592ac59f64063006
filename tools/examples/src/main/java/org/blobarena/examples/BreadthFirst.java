package org.blobarena.examples;

import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.zip.CRC32C;
import org.blobarena.arena.ByteArrayBuilder;

/** Visits a graph level by level, and concatenates the text of its nodes in one buffer that is used again. */
final class BreadthFirst {

    /** As many texts are fetched and concatenated at once, so that a large level needs no large buffer. */
    static final int BATCH = 250;

    private final GraphExample.Node[] nodes;

    BreadthFirst(GraphExample.Node[] nodes) {
        this.nodes = nodes;
    }

    /** Where the text of nodes comes from. */
    @FunctionalInterface
    interface Texts {

        /** Appends the text of each of some nodes, in their order. */
        void append(int[] nodes, int from, int to, ByteArrayBuilder target) throws IOException;
    }

    /**
     * What a walk came to.
     *
     * @param checksum of all text, in the order of the visit
     */
    record Walk(int nodes, int levels, long textBytes, int bufferBytes, long checksum, long nanos) {

        boolean sameAs(Walk other) {
            return nodes == other.nodes && textBytes == other.textBytes && checksum == other.checksum;
        }
    }

    /** Starts with the last node, and goes on with the first that was not visited where no link leads further. */
    Walk walk(Texts texts) throws IOException {
        long started = System.nanoTime();
        ByteArrayBuilder reused = new ByteArrayBuilder();
        CRC32C checksum = new CRC32C();
        long textBytes = 0;
        int levels = 0;
        int[] visited = new int[nodes.length];
        BitSet seen = new BitSet(nodes.length);
        int end = 0;
        for (int root = nodes.length - 1; end < nodes.length; root = seen.nextClearBit(0)) {
            int begin = end;
            visited[end++] = root;
            seen.set(root);
            while (begin < end) {
                // In the order in which the texts were stored, so that the disk is read forward.
                Arrays.sort(visited, begin, end);
                for (int from = begin; from < end; from += BATCH) {
                    reused.clear();
                    texts.append(visited, from, Math.min(from + BATCH, end), reused);
                    checksum.update(reused.array(), 0, reused.length());
                    textBytes += reused.length();
                }
                levels++;
                int next = end;
                for (int i = begin; i < end; i++) {
                    for (int target : nodes[visited[i]].links()) {
                        if (!seen.get(target)) {
                            seen.set(target);
                            visited[next++] = target;
                        }
                    }
                }
                begin = end;
                end = next;
            }
        }
        return new Walk(end, levels, textBytes, reused.capacity(), checksum.getValue(), System.nanoTime() - started);
    }
}
