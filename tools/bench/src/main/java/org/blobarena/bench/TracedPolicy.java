package org.blobarena.bench;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;

/** What other policies do with a trace: they hold sizes alone, and a size counts for nothing but the bytes of the blob. */
enum TracedPolicy {
    FIFO {
        @Override
        Outcome replay(AccessTrace trace, long maximumBytes) {
            return inOrder(trace, maximumBytes, false);
        }
    },
    LRU {
        @Override
        Outcome replay(AccessTrace trace, long maximumBytes) {
            return inOrder(trace, maximumBytes, true);
        }
    },
    W_TINY_LFU {
        @Override
        Outcome replay(AccessTrace trace, long maximumBytes) {
            Cache<Integer, Integer> cache = Caffeine.newBuilder()
                    .maximumWeight(maximumBytes)
                    .weigher((Integer key, Integer bytes) -> bytes)
                    .executor(Runnable::run)
                    .build();
            Outcome outcome = new Outcome();
            for (int key : trace.keys()) {
                int bytes = trace.sizes()[key];
                if (!outcome.count(cache.getIfPresent(key) != null, bytes)) {
                    cache.put(key, bytes);
                }
            }
            return outcome;
        }
    },
    /**
     * Evicts what is asked for again last of all. With blobs of one size nothing can do better; with unequal sizes it is an
     * approximation, which others may beat.
     */
    BELADY {
        @Override
        Outcome replay(AccessTrace trace, long maximumBytes) {
            int[] keys = trace.keys();
            int[] next = new int[keys.length];
            int[] last = new int[trace.sizes().length];
            Arrays.fill(last, NEVER);
            for (int i = keys.length - 1; i >= 0; i--) {
                next[i] = last[keys[i]];
                last[keys[i]] = i;
            }
            // The time of the next request of each key that is held, else -1; the queue keeps times that are past, too.
            int[] held = new int[trace.sizes().length];
            Arrays.fill(held, -1);
            PriorityQueue<int[]> farthest = new PriorityQueue<>((a, b) -> Integer.compare(b[0], a[0]));
            long used = 0;
            Outcome outcome = new Outcome();
            for (int i = 0; i < keys.length; i++) {
                int key = keys[i];
                int bytes = trace.sizes()[key];
                if (!outcome.count(held[key] >= 0, bytes)) {
                    if (next[i] == NEVER || bytes > maximumBytes) {
                        continue;
                    }
                    used += bytes;
                }
                held[key] = next[i];
                farthest.add(new int[] {next[i], key});
                while (used > maximumBytes) {
                    int[] victim = farthest.remove();
                    if (held[victim[1]] == victim[0]) {
                        held[victim[1]] = -1;
                        used -= trace.sizes()[victim[1]];
                    }
                }
            }
            return outcome;
        }
    };

    private static final int NEVER = Integer.MAX_VALUE;

    /** Replays a trace against a cache that holds so many bytes. */
    abstract Outcome replay(AccessTrace trace, long maximumBytes);

    private static Outcome inOrder(AccessTrace trace, long maximumBytes, boolean ofAccess) {
        LinkedHashMap<Integer, Integer> held = new LinkedHashMap<>(16, 0.75f, ofAccess);
        long used = 0;
        Outcome outcome = new Outcome();
        for (int key : trace.keys()) {
            int bytes = trace.sizes()[key];
            if (outcome.count(held.get(key) != null, bytes) || bytes > maximumBytes) {
                continue;
            }
            held.put(key, bytes);
            used += bytes;
            Iterator<Map.Entry<Integer, Integer>> oldest = held.entrySet().iterator();
            while (used > maximumBytes) {
                used -= oldest.next().getValue();
                oldest.remove();
            }
        }
        return outcome;
    }

    /** How many requests were hits. */
    static final class Outcome {

        private long requests;
        private long hits;
        private long bytes;
        private long hitBytes;

        /** Counts a request for a blob of so many bytes, and returns whether it was a hit. */
        boolean count(boolean hit, int blobBytes) {
            requests++;
            bytes += blobBytes;
            if (hit) {
                hits++;
                hitBytes += blobBytes;
            }
            return hit;
        }

        /** Returns the share of requests that were hits, in percent. */
        double hitPercent() {
            return 100.0 * hits / requests;
        }

        /** Returns the share of bytes that were asked for and hit, in percent. */
        double hitBytesPercent() {
            return 100.0 * hitBytes / bytes;
        }
    }
}
