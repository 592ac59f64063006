package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.FileNames;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.testing.StoreFiles;
import org.blobarena.store.testing.StoreFiles.Holding;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetirementTest {

    private final FaultyDirectory directory = new FaultyDirectory(new DiskImage(Map.of(
            FileNames.arena(1), new byte[100], FileNames.arena(2), new byte[100], FileNames.arena(3), new byte[100])));
    private final StoreFiles files = new StoreFiles(directory);
    private final FileTable table = new FileTable();
    private final StoreFile first = files.sealed(1, Holding.of(100, 0));
    private final StoreFile second = files.sealed(2, Holding.of(100, 0));
    private final StoreFile output = files.sealed(3, Holding.of(100, 0));
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger deletions = new AtomicInteger();
    private final Retirement retirement = new Retirement(
            new StoreContext(directory, null, null, null, table, null, null, null, null, null),
            deletions::incrementAndGet,
            failures::incrementAndGet);
    private final List<String> changes = new ArrayList<>();

    @BeforeEach
    void watch() {
        List.of(first, second, output).forEach(table::add);
        output.replaces(List.of(first, second));
        directory.setFault((number, kind, bytes) -> {
            changes.add(kind);
            return FaultyDirectory.Fault.CARRY_OUT;
        });
    }

    /** Fails changes of one kind, so many times. */
    private void fail(String failing, int times) {
        AtomicInteger left = new AtomicInteger(times);
        directory.setFault((number, kind, bytes) -> {
            if (kind.equals(failing) && left.getAndDecrement() > 0) {
                throw new IOException("Operation not permitted");
            }
            return FaultyDirectory.Fault.CARRY_OUT;
        });
    }

    @Test
    void retiredFileLeavesTheTableAndTheDeviceAndTheDirectoryIsForcedAfterEach() {
        retirement.retire(List.of(first, second));
        assertThat(table.all()).containsExactly(output);
        assertThat(directory.list()).containsExactly(FileNames.arena(3));
        assertThat(changes).containsExactly("delete", "force directory", "delete", "force directory");
        assertThat(retirement.undeleted()).isEmpty();
        assertThat(output.isSettled()).isTrue();
        assertThat(deletions).hasValue(2);
    }

    @Test
    void fileThatIsPinnedGoesWithItsLastPinAndTheDirectoryIsForced() {
        assertThat(first.pin()).isTrue();
        assertThat(first.pin()).isTrue();
        retirement.retire(List.of(first, second));
        assertThat(directory.list()).containsExactly(FileNames.arena(1), FileNames.arena(3));
        assertThat(retirement.undeleted()).containsExactly(first);
        assertThat(output.isSettled()).isFalse();
        first.unpin();
        assertThat(output.isSettled()).isFalse();
        changes.clear();

        first.unpin();

        assertThat(changes).containsExactly("delete", "force directory");
        assertThat(retirement.undeleted()).isEmpty();
        assertThat(output.isSettled()).isTrue();
    }

    @Test
    void fileThatCannotBeDeletedKeepsNoOtherFromItAndIsTriedAgain() {
        fail("delete", 2);
        retirement.retire(List.of(first, second));
        assertThat(retirement.undeleted()).containsExactlyInAnyOrder(first, second);
        fail("delete", 1);
        retirement.retry();
        assertThat(retirement.undeleted()).hasSize(1);
        assertThat(retirement.hasFailed()).isTrue();
        assertThat(output.isSettled()).isFalse();

        retirement.retry();

        assertThat(retirement.hasFailed()).isFalse();
        assertThat(directory.list()).containsExactly(FileNames.arena(3));
        assertThat(output.isSettled()).isTrue();
    }

    /** The device may bring it back until then. */
    @Test
    void fileIsStillThereUntilTheDirectoryIsForced() {
        fail("force directory", 1);
        retirement.retire(List.of(first));
        assertThat(retirement.undeleted()).containsExactly(first);
        second.markDeleted();
        assertThat(output.isSettled()).isFalse();
        watch();

        retirement.retry();

        assertThat(changes).containsExactly("force directory");
        assertThat(output.isSettled()).isTrue();
    }

    @Test
    void anotherAttemptLeavesAloneWhatIsPinned() {
        first.pin();
        retirement.retire(List.of(first));
        retirement.retry();
        assertThat(directory.list()).contains(FileNames.arena(1));
        assertThat(retirement.hasFailed()).isFalse();
    }

    @Test
    void fileThatNamesOneThatIsStillThereWaitsForIt() {
        first.pin();
        retirement.retire(List.of(first, second, output));
        assertThat(directory.list()).containsExactly(FileNames.arena(1), FileNames.arena(3));
        first.unpin();
        retirement.retry();
        assertThat(directory.list()).isEmpty();
    }

    @Test
    void endDeletesAlsoWhatIsPinned() {
        first.pin();
        retirement.retire(List.of(first));
        retirement.close();
        assertThat(directory.list()).doesNotContain(FileNames.arena(1));
    }
}
