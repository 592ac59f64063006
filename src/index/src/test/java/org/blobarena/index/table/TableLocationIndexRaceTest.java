package org.blobarena.index.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.blobarena.index.IndexSamples.isLocationOf;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.blobarena.arena.Location;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.index.LocationIndexRaceContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableLocationIndexRaceTest extends LocationIndexRaceContract {

    private static final int STAYING = 2_000;
    private static final int CHURNED = 4_000;
    private static final int CHANGES = 400_000;

    @Override
    protected LocationIndexFactory factory() {
        return new TableIndexFactory();
    }

    /** In few segments, which do not grow: entries move from slot to slot under the readers all the time. */
    @Test
    void readersFindWhatStaysWhileItsNeighboursMove(@TempDir Path files) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (LocationIndex index = factory().create(files, STAYING + CHURNED)) {
            long bytes = index.fileBytes();
            for (int number = 0; number < STAYING; number++) {
                index.put(key(number), location(number, 0));
            }
            Future<?> reader = threads.submit(() -> read(index, done));
            churn(index);
            done.set(true);
            reader.get();
            assertThat(index.fileBytes()).isEqualTo(bytes);
        } finally {
            done.set(true);
            threads.shutdownNow();
        }
    }

    private static void churn(LocationIndex index) throws IOException {
        Random random = new Random(5);
        for (int change = 0; change < CHANGES; change++) {
            int number = STAYING + random.nextInt(CHURNED);
            if (index.putIfAbsent(key(number), location(number, 1)) != null) {
                index.removeIfEqual(key(number), location(number, 1));
            }
        }
    }

    private static void read(LocationIndex index, AtomicBoolean done) {
        Random random = new Random(6);
        while (!done.get()) {
            int staying = random.nextInt(STAYING);
            assertThat(index.get(key(staying))).isEqualTo(location(staying, 0));
            int number = STAYING + random.nextInt(CHURNED);
            Location location = index.get(key(number));
            assertThat(location == null || isLocationOf(number, location)).isTrue();
        }
    }
}
