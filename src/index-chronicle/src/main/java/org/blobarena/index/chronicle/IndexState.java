package org.blobarena.index.chronicle;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.blobarena.index.KeyHash;
import org.blobarena.index.chronicle.map.MapGeneration;

/** What the parts of one index share: its stripes, its present generations, and all maps that are open. */
final class IndexState {

    private final Path directory;
    private final Stripe[] stripes = Stripe.array();
    private final Set<MapGeneration> maps = ConcurrentHashMap.newKeySet();
    private volatile Generations generations;

    IndexState(Path directory, MapGeneration first, long keys) {
        this.directory = directory;
        this.generations = Generations.of(first);
        maps.add(first);
        Stripe stripe = stripes[0];
        stripe.lock();
        try {
            stripe.added(keys);
        } finally {
            stripe.unlock();
        }
    }

    Path directory() {
        return directory;
    }

    Stripe stripe(int index) {
        return stripes[index];
    }

    Stripe stripeOf(KeyHash key) {
        return stripeOf(key.high(), key.low());
    }

    Stripe stripeOf(long keyHigh, long keyLow) {
        return stripes[Stripe.indexOf(keyHigh, keyLow)];
    }

    Generations generations() {
        return generations;
    }

    /** Returns the number of keys; exact when nobody writes. */
    long keys() {
        long keys = 0;
        for (Stripe stripe : stripes) {
            keys += stripe.keys();
        }
        return keys;
    }

    /** Returns the bytes of the files of all open maps. */
    long fileBytes() {
        return maps.stream()
                .filter(map -> !map.isClosed())
                .mapToLong(MapGeneration::fileBytes)
                .sum();
    }

    /** Adds a map to those that {@link #closeAll} closes. */
    void opened(MapGeneration map) {
        maps.removeIf(MapGeneration::isClosed);
        maps.add(map);
    }

    /** Replaces the generations and returns when nobody can still be using the former ones. */
    void switchTo(Generations newer) {
        Generations older = generations;
        generations = newer;
        for (Stripe stripe : stripes) {
            // Writers ask for the generations under their stripe: one that gets it after us sees the newer ones.
            stripe.awaitHolder();
        }
        older.awaitReaders();
    }

    /** Closes every map. What is asked of the index later is refused. */
    void closeAll() {
        switchTo(generations.toClosed());
        maps.forEach(MapGeneration::close);
    }
}
