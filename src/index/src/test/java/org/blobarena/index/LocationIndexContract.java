package org.blobarena.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.blobarena.arena.Location;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every index promises. */
public abstract class LocationIndexContract {

    private static final Location LARGEST =
            new Location(Location.UNSIGNED_MAX, Location.UNSIGNED_MAX, Location.UNSIGNED_MAX);

    @TempDir
    Path directory;

    private LocationIndexFactory factory;
    private LocationIndex index;

    /** A factory that can reopen. */
    protected abstract LocationIndexFactory factory();

    @BeforeEach
    void create() throws IOException {
        factory = factory();
        index = factory.create(directory, 10);
    }

    @AfterEach
    void close() {
        index.close();
    }

    @Test
    void emptyIndexFindsNothing() {
        assertThat(index.get(key(1))).isNull();
        assertThat(index.size()).isZero();
        assertThat(contentsByCursor()).isEmpty();
    }

    @Test
    void findGivesWhatGetGives() throws IOException {
        IndexProbe probe = new IndexProbe();
        index.put(key(1), LARGEST);
        index.put(key(2), location(1, 2));
        for (long number : new long[] {1, 2, 3, 1}) {
            probe.set(key(number));
            Location present = index.get(key(number));
            assertThat(index.find(probe)).isEqualTo(present != null);
            assertThat(probe.hash()).isEqualTo(key(number));
            if (present != null) {
                assertThat(new Location(probe.fileIndex(), probe.offset(), probe.length()))
                        .isEqualTo(present);
            }
        }
    }

    @Test
    void putReturnsWhatItReplaces() throws IOException {
        assertThat(index.put(key(1), location(1, 1))).isNull();
        assertThat(index.put(key(1), location(1, 2))).isEqualTo(location(1, 1));
        assertThat(index.get(key(1))).isEqualTo(location(1, 2));
        assertThat(index.size()).isOne();
    }

    @Test
    void putIfAbsentKeepsWhatIsThere() throws IOException {
        assertThat(index.putIfAbsent(key(1), location(1, 1))).isNull();
        assertThat(index.putIfAbsent(key(1), location(1, 2))).isEqualTo(location(1, 1));
        assertThat(index.get(key(1))).isEqualTo(location(1, 1));
        assertThat(index.size()).isOne();
    }

    @Test
    void replaceIfEqualNeedsTheExpectedLocation() throws IOException {
        assertThat(index.replaceIfEqual(key(1), location(1, 1), location(1, 2))).isFalse();
        assertThat(index.get(key(1))).isNull();
        index.put(key(1), location(1, 1));
        assertThat(index.replaceIfEqual(key(1), location(1, 3), location(1, 2))).isFalse();
        assertThat(index.get(key(1))).isEqualTo(location(1, 1));
        assertThat(index.replaceIfEqual(key(1), location(1, 1), location(1, 2))).isTrue();
        assertThat(index.get(key(1))).isEqualTo(location(1, 2));
        assertThat(index.size()).isOne();
    }

    @Test
    void removeIfEqualNeedsTheExpectedLocation() throws IOException {
        assertThat(index.removeIfEqual(key(1), location(1, 1))).isFalse();
        index.put(key(1), location(1, 1));
        assertThat(index.removeIfEqual(key(1), location(1, 2))).isFalse();
        assertThat(index.size()).isOne();
        assertThat(index.removeIfEqual(key(1), location(1, 1))).isTrue();
        assertThat(index.get(key(1))).isNull();
        assertThat(index.size()).isZero();
    }

    @Test
    void everyBitOfKeysAndLocationsCounts() throws IOException {
        for (int bit = 0; bit < Long.SIZE; bit++) {
            index.put(new KeyHash(1L << bit, 0), location(bit, 1));
            index.put(new KeyHash(0, 1L << bit), location(bit, 2));
        }
        index.put(new KeyHash(0, 0), new Location(0, 0, 0));
        index.put(new KeyHash(-1, -1), LARGEST);
        for (int bit = 0; bit < Long.SIZE; bit++) {
            assertThat(index.get(new KeyHash(1L << bit, 0))).isEqualTo(location(bit, 1));
            assertThat(index.get(new KeyHash(0, 1L << bit))).isEqualTo(location(bit, 2));
        }
        assertThat(index.get(new KeyHash(0, 0))).isEqualTo(new Location(0, 0, 0));
        assertThat(index.get(new KeyHash(-1, -1))).isEqualTo(LARGEST);
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            Location changed = new Location(LARGEST.fileIndex() ^ (1L << bit), LARGEST.offset(), LARGEST.length());
            assertThat(index.removeIfEqual(new KeyHash(-1, -1), changed)).isFalse();
        }
    }

    @Test
    void randomOperationsDoWhatTheModelDoes() throws IOException {
        Map<KeyHash, Location> model = new HashMap<>();
        Random random = new Random(17);
        for (int step = 0; step < 60_000; step++) {
            // More keys from step to step, so that indexes that grow do.
            long number = random.nextInt(1 + step / 2);
            KeyHash key = key(number);
            Location fresh = location(number, step);
            Location expected = random.nextBoolean() ? model.getOrDefault(key, fresh) : fresh;
            switch (random.nextInt(6)) {
                case 0 -> assertThat(index.get(key)).isEqualTo(model.get(key));
                case 1, 2 -> assertThat(index.put(key, fresh)).isEqualTo(model.put(key, fresh));
                case 3 -> assertThat(index.putIfAbsent(key, fresh)).isEqualTo(model.putIfAbsent(key, fresh));
                case 4 ->
                    assertThat(index.replaceIfEqual(key, expected, fresh))
                            .isEqualTo(model.replace(key, expected, fresh));
                default -> assertThat(index.removeIfEqual(key, expected)).isEqualTo(model.remove(key, expected));
            }
        }
        assertThat(index.size()).isEqualTo(model.size());
        assertThat(contentsByCursor()).isEqualTo(model);
    }

    @Test
    void cursorReportsItsEndOnceMoreAndAgain() throws IOException {
        index.put(key(1), location(1, 1));
        try (LocationIndex.Cursor cursor = index.cursor()) {
            Map<KeyHash, Location> seen = new HashMap<>();
            while (cursor.next(seen::put)) {
                assertThat(seen).containsOnlyKeys(key(1));
            }
            assertThat(cursor.next(seen::put)).isFalse();
        }
    }

    @Test
    void keysThatStayAreVisitedOnceWhileOthersComeAndGo() throws IOException {
        int staying = 2_000;
        for (int number = 0; number < 2 * staying; number++) {
            index.put(key(number), location(number, 1));
        }
        Map<KeyHash, Integer> visits = new HashMap<>();
        try (LocationIndex.Cursor cursor = index.cursor()) {
            int step = 0;
            while (cursor.next((key, location) -> visits.merge(key, 1, Integer::sum))) {
                for (int i = 0; i < 500; i++, step++) {
                    int going = staying + step % staying;
                    index.removeIfEqual(key(going), location(going, 1));
                    index.put(key(3L * staying + step), location(3L * staying + step, 1));
                    index.put(key(step % staying), location(step % staying, 2));
                }
            }
        }
        for (int number = 0; number < staying; number++) {
            assertThat(visits).containsEntry(key(number), 1);
        }
        assertThat(visits.values()).allMatch(count -> count == 1);
    }

    @Test
    void reopenedIndexHasEverything() throws IOException {
        Map<KeyHash, Location> model = new HashMap<>();
        for (int number = 0; number < 20_000; number++) {
            index.put(key(number), location(number, 1));
            model.put(key(number), location(number, 1));
        }
        String name = index.closeForReopening();
        index = factory.open(directory, name, model.size());
        assertThat(index.size()).isEqualTo(model.size());
        assertThat(contentsByCursor()).isEqualTo(model);
        for (int number = 20_000; number < 40_000; number++) {
            index.put(key(number), location(number, 1));
        }
        name = index.closeForReopening();
        index = factory.open(directory, name, 40_000);
        assertThat(index.get(key(39_999))).isEqualTo(location(39_999, 1));
    }

    @Test
    void copyOfAClosedIndexHasTheSameAndLeavesItAsItIs(@TempDir Path scratch) throws IOException {
        index.put(key(1), location(1, 1));
        String name = index.closeForReopening();
        try (LocationIndex copy = factory.openCopy(directory, name, 1, scratch)) {
            assertThat(copy.get(key(1))).isEqualTo(location(1, 1));
            copy.put(key(2), location(2, 1));
        }
        assertThatThrownBy(() -> factory.openCopy(directory, "../other", 1, scratch))
                .isInstanceOf(IOException.class);
        index = factory.open(directory, name, 1);
        assertThat(index.get(key(2))).isNull();
    }

    @Test
    void openWithAnotherSizeIsRefused() throws IOException {
        index.put(key(1), location(1, 1));
        String name = index.closeForReopening();
        assertThatThrownBy(() -> factory.open(directory, name, 2))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1 keys, expected 2");
        index = factory.create(directory, 0);
        assertThat(index.size()).isZero();
    }

    @Test
    void openOfAnUnknownNameIsRefused() throws IOException {
        index.closeForReopening();
        assertThatThrownBy(() -> factory.open(directory, "index-00000000000000ff.map", 0))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> factory.open(directory, "../other", 0)).isInstanceOf(IOException.class);
        index = factory.create(directory, 0);
    }

    @Test
    void createStartsEmpty() throws IOException {
        index.put(key(1), location(1, 1));
        index.close();
        index = factory.create(directory, 1_000);
        assertThat(index.get(key(1))).isNull();
        assertThat(index.size()).isZero();
    }

    private Map<KeyHash, Location> contentsByCursor() {
        Map<KeyHash, Location> seen = new HashMap<>();
        try (LocationIndex.Cursor cursor = index.cursor()) {
            boolean more = true;
            while (more) {
                more = cursor.next((key, location) ->
                        assertThat(seen.put(key, location)).as("visited before").isNull());
            }
        }
        return seen;
    }
}
