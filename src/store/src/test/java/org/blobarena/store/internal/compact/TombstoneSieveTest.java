package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordType;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.testing.StoreFiles;
import org.blobarena.store.testing.StoreFiles.Holding;
import org.junit.jupiter.api.Test;

/** Which tombstones have to stay, where index blocks are not read; where they are, see {@link CompactionCrashTest}. */
class TombstoneSieveTest {

    private final StoreFiles files = new StoreFiles(new FaultyDirectory(DiskImage.empty()));
    private final LocationIndex index = HeapLocationIndexFactory.forgetting().create(Path.of("simulated"), 0);
    private final StoreFile victim = files.sealed(7, new Holding(100, 0, 100, 1, 1));
    private final StoreFile earlierVictim = files.sealed(6, new Holding(100, 0, 100, 1, 1));

    /** One value in it is dead, whose number is 10 or more. */
    private final StoreFile obstacle = files.sealed(3, new Holding(100, 50, 10, 5, 10));

    private TombstoneSieve sieve(StoreFile... others) {
        return new TombstoneSieve(settled(), List.of(others), TombstoneSieve.Listing.OF_NONE, () -> false);
    }

    /** One that reads the index blocks of others where it can. */
    private TombstoneSieve readingSieve(StoreFile... others) {
        return new TombstoneSieve(settled(), List.of(others), TombstoneSieve.Listing.OF_SEALED, () -> false);
    }

    private SettledIndex settled() {
        return new SettledIndex(index, new KeyLocks(), new FileTable(), cause -> {
            throw new AssertionError(cause);
        });
    }

    private static KeyHash key(long number) {
        return new KeyHash(number, -number);
    }

    private static IndexBlock.Entry tombstone(long key, long sequence) {
        return new IndexBlock.Entry(key, -key, RecordType.TOMBSTONE, sequence, 100 * sequence, 40);
    }

    /** The sequence numbers of those tombstones that a sieve takes for needed. */
    private static List<Long> needed(TombstoneSieve sieve) throws IOException {
        return sieve.takeNeeded().stream().map(each -> each.entry().sequence()).toList();
    }

    @Test
    void withoutOtherFilesNoTombstoneIsNeeded() throws IOException {
        TombstoneSieve sieve = sieve();
        sieve.add(victim, tombstone(1, 20));
        assertThat(needed(sieve)).isEmpty();
        assertThat(sieve.hasDropped()).isTrue();
    }

    @Test
    void tombstoneThatIsNewerThanAValueThatMayBeDeadIsNeeded() throws IOException {
        TombstoneSieve sieve = sieve(obstacle);
        sieve.add(victim, tombstone(1, 11));
        assertThat(needed(sieve)).containsExactly(11L);
        assertThat(sieve.hasDropped()).isFalse();
    }

    @Test
    void tombstoneThatIsOlderThanEveryRecordOfAFileIsNotNeededForIt() throws IOException {
        TombstoneSieve sieve = sieve(obstacle);
        sieve.add(victim, tombstone(1, 10));
        assertThat(needed(sieve)).isEmpty();
    }

    /** One of the same number has been written after the file was begun. */
    @Test
    void tombstoneThatIsOlderThanAFileIsNotNeededForWhatWasCopiedIntoIt() throws IOException {
        StoreFile output = files.sealed(4, new Holding(100, 50, 0, 30, 10));
        TombstoneSieve sieve = sieve(output);
        sieve.add(victim, tombstone(1, 29));
        assertThat(needed(sieve)).isEmpty();
        sieve.add(victim, tombstone(1, 30));
        assertThat(needed(sieve)).containsExactly(30L);
    }

    @Test
    void fileWithoutADeadValueNeedsNoTombstone() throws IOException {
        StoreFile alive = files.sealed(4, new Holding(100, 90, 10, 5, 10));
        TombstoneSieve sieve = sieve(alive);
        sieve.add(victim, tombstone(1, 20));
        assertThat(needed(sieve)).isEmpty();
    }

    @Test
    void fileThatIsDamagedMayHoldAnything() throws IOException {
        StoreFile alive = files.sealed(4, new Holding(100, 90, 10, 5, 10));
        alive.markDamaged();
        TombstoneSieve sieve = readingSieve(alive);
        sieve.add(victim, tombstone(1, 20));
        assertThat(needed(sieve)).containsExactly(20L);
    }

    @Test
    void unsealedFileMayHoldAnyKey() throws IOException {
        StoreFile active = files.unsealed(9, new Holding(100, 50, 10, 5, 10));
        TombstoneSieve sieve = readingSieve(active);
        sieve.add(victim, tombstone(1, 20));
        assertThat(needed(sieve)).containsExactly(20L);
    }

    /** It is closed, or will be while it is read. */
    @Test
    void retiredFileThatCannotBeReadAnyMoreMayHoldAnyKey() throws IOException {
        obstacle.retire(() -> {});
        TombstoneSieve sieve = readingSieve(obstacle);
        sieve.add(victim, tombstone(1, 20));
        assertThat(needed(sieve)).containsExactly(20L);
    }

    @Test
    void tombstoneOfAKeyThatIsThereIsNotNeeded() throws IOException {
        index.put(key(1), new Location(9, 64, 40));
        TombstoneSieve sieve = sieve(obstacle);
        sieve.add(victim, tombstone(1, 20));
        sieve.add(victim, tombstone(2, 21));
        assertThat(needed(sieve)).containsExactly(21L);
        assertThat(sieve.hasDropped()).isTrue();
    }

    @Test
    void newestTombstoneOfAKeyStandsForAllInWhateverOrderTheyCome() throws IOException {
        TombstoneSieve sieve = sieve(obstacle);
        sieve.add(victim, tombstone(1, 20));
        sieve.add(earlierVictim, tombstone(1, 30));
        sieve.add(victim, tombstone(1, 25));
        assertThat(needed(sieve)).containsExactly(30L);
        assertThat(sieve.hasDropped()).isTrue();
    }

    @Test
    void neededOnesComeInTheOrderOfTheDiskAndOnce() throws IOException {
        TombstoneSieve sieve = sieve(obstacle);
        sieve.add(victim, tombstone(1, 31));
        sieve.add(victim, tombstone(2, 30));
        sieve.add(earlierVictim, tombstone(3, 41));
        sieve.add(earlierVictim, tombstone(4, 40));
        assertThat(needed(sieve)).containsExactly(40L, 41L, 30L, 31L);
        assertThat(needed(sieve)).isEmpty();
        assertThat(sieve.hasDropped()).isFalse();
    }

    @Test
    void oneFileIsEnoughToNeedATombstone() throws IOException {
        StoreFile alive = files.sealed(2, new Holding(100, 100, 0, 1, 1));
        TombstoneSieve sieve = sieve(alive, obstacle);
        sieve.add(victim, tombstone(1, 20));
        sieve.add(victim, tombstone(2, 9));
        assertThat(needed(sieve)).containsExactly(20L);
    }

    @Test
    void sieveIsFullOfDifferentKeysAlone() {
        TombstoneSieve sieve = sieve(obstacle);
        for (int i = 0; i < TombstoneSieve.TOMBSTONES_MAX; i++) {
            assertThat(sieve.isFull()).isFalse();
            sieve.add(victim, tombstone(1, 20));
            sieve.add(victim, tombstone(i + 1, 20));
        }
        assertThat(sieve.isFull()).isTrue();
    }
}
