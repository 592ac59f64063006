package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.store.internal.core.CompactionSettings;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.testing.StoreFiles;
import org.blobarena.store.testing.StoreFiles.Holding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the figures of many files say, and what it costs to keep them. */
class FileFiguresTest {

    private static final long FILE_BYTES = 1000;
    private static final int FILES = 5000;

    private final StoreFiles files = new StoreFiles(new FaultyDirectory(DiskImage.empty()));
    private final FileTable table = new FileTable();
    private final FileFigures figures = new FileFigures(table);
    private final VictimChoice choice =
            new VictimChoice(table, figures, new CompactionSettings(true, 0.3, Long.MAX_VALUE, 0, 0), FILE_BYTES);

    private StoreFile add(long id, long live) {
        StoreFile file = files.sealed(id, Holding.of(FILE_BYTES, live));
        table.add(file);
        return file;
    }

    @Test
    void choiceAmongThousandsOfFilesLooksAtThoseAloneThatHaveChanged() {
        List<StoreFile> all = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            all.add(add(i, FILE_BYTES));
        }
        assertThat(choice.toTheBound(Long.MAX_VALUE)).isEmpty();
        long looks = figures.looks();
        assertThat(looks).isEqualTo(FILES);

        for (int i = 0; i < 100; i++) {
            assertThat(choice.toTheBound(Long.MAX_VALUE)).isEmpty();
            assertThat(choice.small(Long.MAX_VALUE)).isEmpty();
            assertThat(choice.unneeded()).isEmpty();
            assertThat(choice.excessBytes(true)).isNegative();
        }
        assertThat(figures.looks()).isEqualTo(looks);

        StoreFile dead = all.get(FILES / 2);
        for (int i = 0; i < FILE_BYTES; i++) {
            dead.addLive(-1);
        }
        assertThat(choice.unneeded()).containsExactly(dead);
        assertThat(figures.looks()).isEqualTo(looks + 1);
    }

    @Test
    void storeThatGrowsByThousandsOfFilesIsLookedAtOnceForEach() {
        long excess = 0;
        for (int i = 0; i < FILES; i++) {
            StoreFile file = files.unsealed(i, Holding.of(FILE_BYTES, FILE_BYTES));
            table.add(file);
            excess = choice.excessBytes(true);
            file.markSealed();
        }
        assertThat(excess).isNegative();
        assertThat(figures.looks()).isLessThanOrEqualTo(2 * FILES);
        assertThat(figures.sums().bytes()).isEqualTo(FILES * FILE_BYTES);
    }

    /** Against what all files say themselves, whatever has become of them. */
    @Test
    void sumsAndOrdersAreThoseOfAllFiles() {
        SplittableRandom random = new SplittableRandom(1);
        long nextId = 0;
        for (int step = 0; step < 3000; step++) {
            List<StoreFile> all = table.all();
            StoreFile any = all.isEmpty() ? null : all.get(random.nextInt(all.size()));
            switch (any == null ? 0 : random.nextInt(9)) {
                case 0 -> add(nextId++, random.nextLong(FILE_BYTES));
                case 1 -> table.add(files.unsealed(nextId++, Holding.of(FILE_BYTES, random.nextLong(FILE_BYTES))));
                case 2 -> table.remove(any);
                case 3 -> any.markDamaged();
                case 4 -> any.setAvoided(random.nextBoolean());
                case 5 -> any.markSealed();
                case 6 -> any.markOutput();
                case 7 -> any.endOutput();
                default -> any.addLive(any.liveBytes() > 10 ? -10 : 0);
            }
            requireAsTold();
        }
    }

    private void requireAsTold() {
        List<FileFigures.Measured> told =
                table.all().stream().map(FileFigures.Measured::of).toList();
        FileFigures.Sums sums = figures.sums();
        assertThat(sums.bytes()).isEqualTo(sum(told, FileFigures.Measured::bytes));
        assertThat(sums.dead()).isEqualTo(sum(told, FileFigures.Measured::dead));
        assertThat(sums.deadAble()).isEqualTo(sum(told, file -> file.able() ? file.dead() : 0));
        assertThat(sums.deadComplete()).isEqualTo(sum(told, file -> file.able() && file.complete() ? file.dead() : 0));
        List<FileFigures.Measured> order = new ArrayList<>();
        figures.forEachByNeededShare(order::add);
        assertThat(order)
                .isSortedAccordingTo((a, b) -> Double.compare(a.neededShare(), b.neededShare()))
                .containsExactlyInAnyOrderElementsOf(
                        told.stream().filter(FileFigures.Measured::eligible).toList());
    }

    private static long sum(List<FileFigures.Measured> files, ToLongFunction<FileFigures.Measured> of) {
        return files.stream().mapToLong(of).sum();
    }

    @Test
    void filesWhoseMomentHasComeAreToldOfInTheOrderOfTheirMoments() {
        StoreFile late = add(1, FILE_BYTES);
        StoreFile early = add(2, FILE_BYTES);
        add(3, FILE_BYTES);
        assertThat(figures.firstDueMillis()).isEqualTo(RecordHeader.NEVER);

        expire(late, 200);
        expire(early, 100);
        assertThat(figures.firstDueMillis()).isEqualTo(100);
        assertThat(figures.due(99)).isEmpty();
        assertThat(figures.due(100)).containsExactly(early);
        assertThat(figures.due(200)).containsExactly(early, late);
    }

    private static void expire(StoreFile file, long millis) {
        file.content().add(new IndexBlock.Entry(1, 1, RecordType.VALUE, 1, 100, 10, millis), false);
        file.changed();
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void nothingThatDiesWhileItIsLookedAtIsMissedForGood() throws Exception {
        StoreFile file = add(1, FILE_BYTES);
        add(2, FILE_BYTES);
        for (int round = 0; round < 200; round++) {
            CountDownLatch started = new CountDownLatch(1);
            AtomicBoolean ended = new AtomicBoolean();
            Thread killer = new Thread(() -> {
                started.countDown();
                for (int i = 0; i < 500; i++) {
                    file.addLive(-1);
                }
                ended.set(true);
            });
            killer.start();
            started.await();
            while (!ended.get()) {
                assertThat(figures.sums().dead()).isBetween(0L, 500L);
            }
            killer.join();
            assertThat(figures.sums().dead()).isEqualTo(500);
            file.addLive(500);
            assertThat(figures.sums().dead()).isZero();
        }
    }
}
