package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.blobarena.index.IndexSamples.probe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.testing.SteppedIndexes;
import org.blobarena.store.testing.StoreFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of an index that an error ends, before they are made or after. */
class SettledIndexTest {

    private static final Set<String> CHANGES = Set.of("put", "removeIfEqual");
    private static final KeyHash KEY = new KeyHash(1, 2);
    private static final Location OLD = new Location(1, 64, 100);
    private static final Location MIDDLE = new Location(1, 164, 100);
    private static final Location NEW = new Location(1, 264, 100);

    private final SteppedIndexes steps = new SteppedIndexes();
    private final StoreFile file =
            new StoreFiles(new FaultyDirectory(DiskImage.empty())).sealed(1, StoreFiles.Holding.of(1000, 0));
    private SettledIndex index;

    @BeforeEach
    void make() throws IOException {
        FileTable files = new FileTable();
        files.add(file);
        LocationIndexFactory indexes = steps.around(HeapLocationIndexFactory.forgetting());
        index = new SettledIndex(indexes.create(Path.of("simulated"), 0), new KeyLocks(), files, cause -> {
            throw new AssertionError(cause);
        });
        index.put(probe(KEY, OLD));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void changeThatFailedIsMadeBeforeTheKeyIsLookedUp(boolean made) throws IOException {
        putInVain(NEW, made);
        assertThat(index.get(KEY)).isEqualTo(NEW);
        assertThat(index.removeIfEqual(KEY, NEW)).isTrue();
        assertThat(index.get(KEY)).isNull();

        putInVain(NEW, made);
        IndexProbe probe = new IndexProbe();
        probe.set(KEY);
        assertThat(index.find(probe)).isTrue();
        assertThat(probe.offset()).isEqualTo(NEW.offset());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void removalThatFailedIsMadeBeforeTheKeysAreCounted(boolean made) throws IOException {
        failChanges(made);
        assertThatThrownBy(() -> index.removeIfEqual(KEY, OLD)).isInstanceOf(OutOfMemoryError.class);
        failNothing();

        assertThat(index.size()).isZero();
        assertThat(index.get(KEY)).isNull();
    }

    @Test
    void newestOfTheChangesThatFailedCounts() throws IOException {
        putInVain(MIDDLE, false);
        putInVain(NEW, false);

        assertThat(index.get(KEY)).isEqualTo(NEW);
        assertThat(index.get(KEY)).isEqualTo(NEW);
    }

    @Test
    void changeThatFailedCountsForNothingOnceALaterOneIsMade() throws IOException {
        putInVain(MIDDLE, false);
        index.put(probe(KEY, NEW));

        assertThat(index.get(KEY)).isEqualTo(NEW);
    }

    private void putInVain(Location location, boolean made) {
        failChanges(made);
        assertThatThrownBy(() -> index.put(probe(KEY, location))).isInstanceOf(OutOfMemoryError.class);
        failNothing();
    }

    /** @param made whether the change is made all the same */
    private void failChanges(boolean made) {
        if (made) {
            steps.after(SettledIndexTest::fail);
        } else {
            steps.before(SettledIndexTest::fail);
        }
    }

    private void failNothing() {
        steps.before(null);
        steps.after(null);
    }

    private static void fail(String step, KeyHash key) {
        if (CHANGES.contains(step)) {
            throw new OutOfMemoryError("thrown by a test");
        }
    }
}
