package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.store.testing.StoreFiles;
import org.blobarena.store.testing.StoreFiles.Holding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FileTableTest {

    private static final int MANY = 20_000;

    private final StoreFiles files = new StoreFiles(new FaultyDirectory(DiskImage.empty()));
    private final FileTable table = new FileTable();

    private StoreFile file(long id) {
        return files.sealed(id, Holding.of(100, 100));
    }

    private StoreFile add(long id) {
        StoreFile file = file(id);
        table.add(file);
        return file;
    }

    @Test
    void filesAreFoundByIdAndListedInOrderWhateverOrderTheyComeIn() {
        StoreFile third = add(30);
        StoreFile first = add(10);
        StoreFile fourth = add(4_000_000_000L);
        StoreFile second = add(20);

        assertThat(table.all()).containsExactly(first, second, third, fourth);
        assertThat(table.get(20)).isSameAs(second);
        assertThat(table.get(21)).isNull();
        assertThat(table.last()).isSameAs(fourth);
        assertThat(table.size()).isEqualTo(4);
    }

    @Test
    void emptyTableHasNothing() {
        assertThat(table.all()).isEmpty();
        assertThat(table.get(0)).isNull();
        assertThat(table.last()).isNull();
    }

    @Test
    void fileThatWasTakenOutIsNotFoundAndMayComeAgain() {
        add(1);
        StoreFile removed = add(2);
        table.remove(removed);
        assertThat(table.get(2)).isNull();
        assertThat(table.last()).isSameAs(table.get(1));

        StoreFile again = add(2);
        table.remove(removed);
        assertThat(table.get(2)).isSameAs(again);
        assertThat(table.size()).isEqualTo(2);
    }

    @Test
    void replacedFileStandsInThePlaceOfTheOne() {
        add(1);
        add(2);
        StoreFile other = file(1);
        table.replace(other);
        assertThat(table.get(1)).isSameAs(other);

        table.replace(file(3));
        assertThat(table.get(3)).isNull();
    }

    @Test
    void anyChangesLeaveWhatASortedMapHas() {
        SplittableRandom random = new SplittableRandom(7);
        TreeMap<Long, StoreFile> model = new TreeMap<>();
        for (int step = 0; step < 20_000; step++) {
            long id = random.nextInt(4) == 0 ? random.nextLong(300) : model.isEmpty() ? 0 : model.lastKey() + 1;
            StoreFile present = model.get(id);
            if (present == null && random.nextInt(3) > 0) {
                model.put(id, add(id));
            } else if (present != null && random.nextBoolean()) {
                StoreFile other = file(id);
                table.replace(other);
                model.put(id, other);
            } else if (!model.isEmpty()) {
                StoreFile removed = random.nextBoolean()
                        ? model.firstEntry().getValue()
                        : model.lastEntry().getValue();
                table.remove(removed);
                model.remove(removed.id());
            }
            assertThat(table.size()).isEqualTo(model.size());
            assertThat(table.get(id)).isSameAs(model.get(id));
        }
        assertThat(table.all()).containsExactlyElementsOf(model.values());
    }

    @Test
    void manyFilesThatComeAndGoCostAFewCopiesOfATable() {
        List<StoreFile> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            all.add(add(i));
        }
        assertThat(table.slotsCopied()).isLessThan(2 * MANY);
        for (int i = 0; i < MANY; i++) {
            table.remove(all.get(i));
            add(MANY + i);
        }
        assertThat(table.slotsCopied()).isLessThan(8 * MANY);
        assertThat(table.size()).isEqualTo(MANY);
    }

    @Test
    void watcherIsToldOfWhatThereIsAndOfWhatComesChangesAndGoes() {
        StoreFile first = add(1);
        int[] removals = new int[1];
        FileChanges changes = new FileChanges(() -> removals[0]++);
        table.watch(changes);
        StoreFile second = add(2);
        assertThat(taken(changes)).containsExactlyInAnyOrder(first, second);
        assertThat(taken(changes)).isEmpty();

        first.addLive(-1);
        first.addLive(-1);
        assertThat(taken(changes)).containsExactly(first);
        second.markDamaged();
        table.remove(second);
        assertThat(taken(changes)).containsExactly(second);
        assertThat(removals[0]).isEqualTo(1);
        StoreFile other = file(1);
        table.replace(other);
        assertThat(taken(changes)).containsExactlyInAnyOrder(first, other);
        assertThatIllegalStateException().isThrownBy(() -> table.watch(new FileChanges(() -> {})));
    }

    private static List<StoreFile> taken(FileChanges changes) {
        List<StoreFile> taken = new ArrayList<>();
        changes.take(taken::add);
        return taken;
    }

    /** A reader takes no lock, and finds what is there all the time. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void readersFindWhatStaysWhileOthersComeAndGo() throws Exception {
        List<StoreFile> staying = new ArrayList<>();
        for (int i = 0; i < 100; i += 2) {
            staying.add(add(i));
        }
        AtomicBoolean ended = new AtomicBoolean();
        ExecutorService reader = Executors.newSingleThreadExecutor();
        Future<?> reading = reader.submit(() -> {
            while (!ended.get()) {
                for (StoreFile file : staying) {
                    assertThat(table.get(file.id())).isSameAs(file);
                }
                assertThat(table.all()).containsAll(staying);
            }
        });
        try {
            long next = 100;
            for (int round = 0; round < 300; round++) {
                List<StoreFile> passing = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    passing.add(add(next++));
                }
                passing.add(add(1));
                passing.forEach(table::remove);
            }
        } finally {
            ended.set(true);
            reading.get();
            reader.shutdown();
        }
        assertThat(table.all()).containsExactlyElementsOf(staying);
    }
}
