package org.blobarena.arena.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharingDirectoryTest {

    private final Counting counting = new Counting();
    private final SharingDirectory directory = new SharingDirectory(counting);

    /** Counts forces, and does something in the next of them. */
    private static final class Counting extends ForwardingDirectory {

        private final List<Step> during = new ArrayList<>();
        private int forces;

        private Counting() {
            super(new FaultyDirectory(DiskImage.empty()));
        }

        @Override
        public void force() throws IOException {
            if (!during.isEmpty()) {
                during.remove(0).run();
            }
            super.force();
            forces++;
        }
    }

    @FunctionalInterface
    private interface Step {

        void run() throws IOException;
    }

    private void create(String name) throws IOException {
        directory.create(name).close();
    }

    @Test
    void whatWasChangedBeforeItWasMadeIsForced() throws IOException {
        directory.force();
        assertThat(counting.forces).isOne();
    }

    @Test
    void eachChangeIsForcedOnce() throws IOException {
        List<Step> changes = List.of(
                () -> create("a"), () -> create("b"), () -> directory.rename("a", "c"), () -> directory.delete("b"));
        int forces = 0;
        for (Step change : changes) {
            change.run();
            directory.force();
            directory.force();
            assertThat(counting.forces).isEqualTo(++forces);
        }
    }

    @Test
    void changeWhileAForceRunsIsLeftToTheNext() throws IOException {
        create("a");
        counting.during.add(() -> directory.delete("a"));
        directory.force();
        assertThat(counting.forces).isOne();
        directory.force();
        assertThat(counting.forces).isEqualTo(2);
    }

    @Test
    void forceThatFailedIsRepeated() throws IOException {
        counting.during.add(() -> {
            throw new IOException("no");
        });
        assertThatThrownBy(directory::force).isInstanceOf(IOException.class).hasMessage("no");
        directory.force();
        assertThat(counting.forces).isOne();
    }

    @Test
    void changeThatFailedMayHaveBeenMade() throws IOException {
        create("a");
        directory.force();
        assertThatThrownBy(() -> create("a")).isInstanceOf(IOException.class);
        directory.force();
        assertThat(counting.forces).isEqualTo(2);
    }

    @Test
    void whoComesWhileAForceRunsReturnsWhenHisChangesAreForced() throws Exception {
        CountDownLatch changed = new CountDownLatch(1);
        FutureTask<Integer> second = new FutureTask<>(() -> {
            directory.delete("a");
            changed.countDown();
            directory.force();
            return counting.forces;
        });
        create("a");
        counting.during.add(() -> {
            new Thread(second).start();
            await(changed);
        });
        directory.force();
        assertThat(second.get()).isEqualTo(2);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
