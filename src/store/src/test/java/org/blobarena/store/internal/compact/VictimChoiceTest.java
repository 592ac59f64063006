package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.store.internal.core.CompactionSettings;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.testing.StoreFiles;
import org.blobarena.store.testing.StoreFiles.Holding;
import org.junit.jupiter.api.Test;

class VictimChoiceTest {

    private static final long FILE_BYTES = 10_000;
    private static final long PLENTY = Long.MAX_VALUE;

    private final StoreFiles files = new StoreFiles(new FaultyDirectory(DiskImage.empty()));
    private final FileTable table = new FileTable();
    private final FileFigures figures = new FileFigures(table);

    private long nextId = 1;

    /** Half of all may be dead. */
    private final VictimChoice choice = choice(Long.MAX_VALUE);

    private VictimChoice choice(long maxDeadBytes) {
        return new VictimChoice(table, figures, new CompactionSettings(true, 0.5, maxDeadBytes, 0, 0), FILE_BYTES);
    }

    private StoreFile add(StoreFile file) {
        table.add(file);
        return file;
    }

    private StoreFile sealed(long id, long live) {
        return add(files.sealed(id, Holding.of(FILE_BYTES, live)));
    }

    // ---- how much is too much

    @Test
    void excessIsWhatIsDeadBeyondTheBound() {
        sealed(1, 1000);
        sealed(2, 5000);
        assertThat(choice.excessBytes(false)).isEqualTo(9000 + 5000 - 6000);
        assertThat(choice(3000).excessBytes(false)).isEqualTo(9000 + 5000 - 3000);
        sealed(3, 10_000);
        assertThat(choice.excessBytes(false)).isEqualTo(14_000 - 16_000);
    }

    @Test
    void deadBytesOfUnsealedFilesCountWhenAskedForAlone() {
        add(files.unsealed(1, Holding.of(FILE_BYTES, 1000)));
        assertThat(choice.excessBytes(false)).isEqualTo(-1000);
        assertThat(choice.excessBytes(true)).isEqualTo(9000 - 1000);
    }

    /** Waiting would bring nothing back of these. */
    @Test
    void deadBytesThatNothingCanCompactDoNotCount() {
        sealed(1, 1000).markDamaged();
        sealed(2, 1000).markOutput();
        sealed(3, 1000).replaces(List.of(files.sealed(9, Holding.of(10, 0))));
        add(files.unsealed(4, Holding.of(FILE_BYTES, 1000))).unfinished().begin(FILE_BYTES);
        StoreFile left = add(files.unsealed(5, Holding.of(FILE_BYTES, 1000)));
        left.markLeft();
        left.markDamaged();

        assertThat(choice.excessBytes(true)).isEqualTo(-5000);
        assertThat(choice.excessBytes(false)).isEqualTo(-5000);
    }

    @Test
    void deadBytesOfAFileThatACrashHasTornCountAsThoseOfASealedOne() {
        add(files.unsealed(1, Holding.of(FILE_BYTES, 1000))).markLeft();
        assertThat(choice.excessBytes(false)).isEqualTo(9000 - 1000);
    }

    // ---- what can be compacted

    @Test
    void eligibleIsWhatNobodyAppendsToAndCanBeCopiedAndMayGo() {
        StoreFile sealed = sealed(1, 10);
        add(files.unsealed(2, Holding.of(FILE_BYTES, 10)));
        StoreFile left = add(files.unsealed(3, Holding.of(FILE_BYTES, 10)));
        left.markLeft();
        sealed(4, 10).markDamaged();
        StoreFile replaced = files.sealed(9, Holding.of(10, 0));
        StoreFile unsettled = sealed(5, 10);
        unsettled.replaces(List.of(replaced));

        assertThat(choice.eligible()).containsExactly(sealed, left);
        assertThat(choice.left()).containsExactly(left);

        replaced.markDeleted();
        assertThat(choice.eligible()).containsExactly(sealed, left, unsettled);
    }

    @Test
    void uselessIsAFileWithoutAnythingNeededButForTheLast() {
        StoreFile first = sealed(1, 0);
        sealed(2, 1);
        add(files.sealed(3, new Holding(FILE_BYTES, 0, 1, 1, 1)));
        sealed(4, 0).markDamaged();
        StoreFile left = add(files.unsealed(5, Holding.of(FILE_BYTES, 0)));
        left.markLeft();
        add(files.unsealed(6, Holding.of(FILE_BYTES, 0)));
        sealed(7, 0);

        assertThat(choice.unneeded()).containsExactly(first, left);
    }

    @Test
    void fewestNeededBytesGoFirstAndNoMoreThanTheBoundAsksFor() {
        StoreFile most = sealed(1, 3000);
        StoreFile least = sealed(2, 500);
        StoreFile middle = sealed(3, 1000);
        // 25,500 dead, 4,500 needed: 21,000 too many.
        assertThat(choice.excessBytes(false)).isEqualTo(21_000);
        assertThat(choice.toTheBound(PLENTY)).containsExactly(least, middle, most);

        sealed(4, 9000);
        sealed(5, 9000);
        // 27,500 dead, 22,500 needed.
        assertThat(choice.toTheBound(PLENTY)).containsExactly(least);
        sealed(6, 9500);
        assertThat(choice.excessBytes(false)).isNegative();
        assertThat(choice.toTheBound(PLENTY)).isEmpty();
    }

    @Test
    void victimsFillOneOutputAndNoMore() {
        StoreFile first = sealed(1, 3000);
        StoreFile second = sealed(2, 3100);
        StoreFile third = sealed(3, 3200);
        StoreFile fourth = sealed(4, 3300);
        VictimChoice strict = choice(0);

        assertThat(strict.toTheBound(PLENTY)).containsExactly(first, second, third);
        assertThat(strict.toTheBound(6500)).containsExactly(first, second);
        assertThat(strict.toTheBound(3100)).as("little more than the copies").isEmpty();
        assertThat(strict.toTheBound(3200)).containsExactly(first);
        assertThat(strict.ofAll(VictimChoice.byNeededShare(List.of(fourth, third, second, first)), PLENTY))
                .containsExactly(first, second, third);
        assertThat(strict.ofAll(VictimChoice.byNeededShare(List.of(fourth, third)), 5000))
                .containsExactly(third);
    }

    @Test
    void fileOfATimeWithALargerLimitGoesAlone() {
        StoreFile large = add(files.sealed(1, Holding.of(30 * FILE_BYTES, 15 * FILE_BYTES)));
        sealed(2, 5000);
        assertThat(choice(0).toTheBound(PLENTY)).first().isSameAs(large);
        assertThat(choice(0).ofAll(VictimChoice.byNeededShare(table.all()), PLENTY))
                .containsExactly(large);
    }

    @Test
    void roundTakesSmallFilesAlongThatAreNoLargerThanWhatItCopies() {
        StoreFile victim = sealed(1, 1240);
        StoreFile small = add(files.sealed(2, Holding.of(1240, 1240)));
        add(files.sealed(3, Holding.of(1250, 1250)));
        assertThat(choice.isSmall(small)).isTrue();
        assertThat(choice(0).toTheBound(PLENTY)).containsExactly(victim, small);

        table.remove(victim);
        StoreFile shorter = sealed(4, 1239);
        assertThat(choice(0).toTheBound(PLENTY)).containsExactly(shorter);
    }

    // ---- small files

    private List<StoreFile> addSmall(int count, long recordBytes) {
        List<StoreFile> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            added.add(add(files.sealed(nextId, Holding.of(recordBytes, recordBytes))));
            nextId++;
        }
        return added;
    }

    @Test
    void smallFilesOfATierAreJoinedWithSmallerOnesOnceTheyAreEnough() {
        List<StoreFile> smallest = addSmall(7, 60);
        List<StoreFile> larger = addSmall(7, 500);
        List<StoreFile> largest = addSmall(7, 1000);
        assertThat(choice.small(PLENTY)).isEmpty();

        larger.addAll(addSmall(1, 510));
        List<StoreFile> joined = new ArrayList<>(smallest);
        joined.addAll(larger);
        assertThat(choice.small(PLENTY)).containsExactlyElementsOf(joined).doesNotContainAnyElementsOf(largest);

        smallest.addAll(addSmall(1, 63));
        assertThat(choice.small(PLENTY)).containsExactlyElementsOf(smallest);
    }

    @Test
    void smallFilesThatDoNotFitOneFileAreNotJoined() {
        addSmall(8, 1200);
        assertThat(choice.small(7 * 1250)).isEmpty();
        assertThat(choice.small(PLENTY)).hasSize(8);
    }

    @Test
    void filesWithoutRecordsAndFilesThatAreNotSmallAreNotJoined() {
        addSmall(10, 0);
        addSmall(10, FILE_BYTES / 8);
        assertThat(choice.small(PLENTY)).isEmpty();
    }

    /** As long as somebody makes a small file again and again. */
    @Test
    void everyByteIsJoinedOncePerTierAndFewFilesStay() {
        long bytesJoined = 0;
        int made = 2000;
        for (int i = 0; i < made; i++) {
            addSmall(1, 10);
            for (List<StoreFile> joined = choice.small(PLENTY); !joined.isEmpty(); joined = choice.small(PLENTY)) {
                long bytes = joined.stream().mapToLong(StoreFile::liveBytes).sum();
                joined.forEach(table::remove);
                add(files.sealed(nextId, Holding.of(bytes, bytes)));
                nextId++;
                bytesJoined += bytes;
            }
        }
        int tiers = 3; // 8 to 63, 64 to 511, 512 to 1249
        assertThat(table.size()).isLessThan(tiers * VictimChoice.JOINED_MIN + made * 10 / 1250 + 1);
        assertThat(bytesJoined).isLessThanOrEqualTo(made * 10L * tiers);
    }

    @Test
    void filesThatCannotBeCompactedAreNotChosenAmongAll() {
        StoreFile damaged = sealed(1, 10);
        damaged.markDamaged();
        StoreFile good = sealed(2, 20);
        assertThat(choice.ofAll(List.of(damaged, good), PLENTY)).containsExactly(good);
    }
}
