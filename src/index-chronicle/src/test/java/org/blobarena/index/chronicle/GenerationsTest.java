package org.blobarena.index.chronicle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;
import static org.blobarena.index.IndexSamples.probe;

import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.chronicle.map.IndexFile;
import org.blobarena.index.chronicle.map.IndexFileName;
import org.blobarena.index.chronicle.map.IndexGeometry;
import org.blobarena.index.chronicle.map.MapGeneration;
import org.blobarena.index.chronicle.map.NoRoomException;
import org.blobarena.index.chronicle.map.SegmentEntries;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two maps, of which the old one is as full as it can be when its entries get their turn to be moved. */
class GenerationsTest {

    @TempDir
    Path directory;

    private int keys;

    @Test
    void writersThatComeBeforeAnyMoverLeaveRoomForAllThatMustBeMoved() throws Exception {
        for (long expectedKeys : new long[] {0, 9_000, 90_000}) {
            MapGeneration old = map(1, IndexGeometry.forExpectedKeys(expectedKeys));
            int start = keys;
            putUntilFull(Generations.of(old));
            int inOld = keys - start;
            MapGeneration next =
                    map(2, IndexGeometry.forGrowthFrom(old.geometry().growAt()));
            Generations two = Generations.of(old, next);
            putUntilFull(two);
            assertThat(keys - start - inOld)
                    .isEqualTo(old.geometry().keysToComeWhileMoving(next.geometry()))
                    .isPositive();

            // A key that goes makes room for one that comes.
            assertThat(two.remove(key(start), location(start, 1))).isTrue();
            assertThat(two.put(probe(key(keys), location(keys, 1)), false)).isFalse();
            keys++;
            IndexProbe refused = probe(key(keys), location(keys, 1));
            assertThatThrownBy(() -> two.put(refused, false)).isInstanceOf(NoRoomException.class);
            assertThat(refused.location()).isEqualTo(location(keys, 1)); // To be tried again with.
            // One that is there needs none.
            IndexProbe present = probe(key(start + 1), location(start + 1, 2));
            assertThat(two.put(present, false)).isTrue();
            assertThat(present.location()).isEqualTo(location(start + 1, 1));

            move(old, next);
            for (int number = start + 1; number < keys; number++) {
                assertThat(next.table().get(key(number))).isEqualTo(location(number, number == start + 1 ? 2 : 1));
            }
            old.delete();
            next.delete();
        }
    }

    @Test
    void closedGenerationsAnswerNothing() throws IOException {
        MapGeneration map = map(1, IndexGeometry.forExpectedKeys(0));
        Generations closed = Generations.of(map).toClosed();
        map.close();
        assertThatThrownBy(() -> closed.get(key(1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> closed.put(probe(key(1), location(1, 1)), false))
                .isInstanceOf(IllegalStateException.class);
    }

    private MapGeneration map(int generation, IndexGeometry geometry) throws IOException {
        return MapGeneration.create(directory, new IndexFileName(generation), geometry, IndexFile.Progress.NONE);
    }

    private void putUntilFull(Generations generations) {
        assertThatThrownBy(() -> {
                    while (true) {
                        generations.put(probe(key(keys), location(keys, 1)), false);
                        keys++;
                    }
                })
                .isInstanceOf(NoRoomException.class);
    }

    private static void move(MapGeneration old, MapGeneration next) throws NoRoomException {
        for (int segment = 0; segment < old.geometry().segments(); segment++) {
            SegmentEntries entries = old.table().collect(segment);
            for (int i = 0; i < entries.size(); i++) {
                Location present = next.table().putIfAbsent(entries.key(i), entries.location(i));
                assertThat(present == null || present.offset() == 2).isTrue();
            }
        }
    }
}
