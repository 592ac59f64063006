package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.api.UnsupportedFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Damages a copy of a sample, opens it, repairs another copy, and compares: nothing wrong is ever read, no arena file is
 * deleted, and a repair leaves a store without damage that answers every key as before, but for those that it lists.
 */
final class RepairTrial {

    private final CorruptionSample sample;
    private final Map<String, byte[]> damaged;
    private final String what;

    private boolean refused;
    private boolean reported;
    private CorruptionSample.@Nullable Reads before;
    private @Nullable RepairReport report;

    RepairTrial(CorruptionSample sample, Map<String, byte[]> damaged, String what) {
        this.sample = sample;
        this.damaged = damaged;
        this.what = what;
    }

    /** Runs the trial; what it asserts holds for every damage. */
    RepairTrial run() throws IOException {
        try {
            open();
            if (!refused) {
                repair();
            }
            return this;
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(what + ": " + e, e);
        }
    }

    /** Whether the store was not opened, by a documented exception. */
    boolean isRefused() {
        return refused;
    }

    /** Whether the opening or a verification told of anything. */
    boolean isReported() {
        return reported;
    }

    CorruptionSample.Reads before() {
        return Objects.requireNonNull(before);
    }

    RepairReport report() {
        return Objects.requireNonNull(report);
    }

    private void open() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(new DiskImage(damaged));
        try (BlobStore<String> store = CorruptionSample.open(directory, sample.indexes())) {
            OpenReport opening = store.stats().opening();
            before = sample.read(store);
            reported = opening.damageCount() > 0
                    || opening.tornBytes() > 0
                    || !store.verify().isIntact();
        } catch (CorruptBlobException | UnsupportedFormatException | ForeignFileException e) {
            refused = true;
            return;
        }
        assertThat(before().wrong).isEmpty();
        assertThat(directory.list()).containsAll(arenas());
    }

    private void repair() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(new DiskImage(damaged));
        HeapLocationIndexFactory indexes = sample.indexes();
        report = new StoreRepair(CorruptionSample.environment(directory, indexes)).repair(directory.path());
        requireKept(directory);
        try (BlobStore<String> store = CorruptionSample.open(directory, indexes)) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.verify().damage()).isEmpty();
            requireSameButLosses(sample.read(store));
        }
    }

    /** Every arena file is there, byte for byte, under its name or set aside. */
    private void requireKept(FaultyDirectory directory) throws IOException {
        Map<String, byte[]> files =
                directory.deviceAfter(directory.changes()).afterKill().files();
        for (String name : arenas()) {
            byte[] kept = files.getOrDefault(name, files.get(name.replace(".arena", ".damaged")));
            assertThat(Arrays.equals(kept, damaged.get(name)))
                    .as("%s is kept", name)
                    .isTrue();
        }
    }

    /** A repair may know more than an opening, by index blocks behind a gap, but only of keys that were not right. */
    private void requireSameButLosses(CorruptionSample.Reads after) {
        assertThat(after.wrong).isEmpty();
        assertThat(after.corrupt).isEmpty();
        List<String> listed = new ArrayList<>();
        int unnamed = 0;
        for (RepairReport.Loss loss : report().losses()) {
            ByteBuffer key = loss.key();
            if (key != null) {
                listed.add(StandardCharsets.UTF_8.decode(key).toString());
            } else if (loss.blob()) {
                unnamed++;
            }
        }
        assertThat(listed).doesNotHaveDuplicates();
        int unlisted = 0;
        for (String key : sample.keys()) {
            ByteBuffer answer = after.answers.get(key);
            if (listed.contains(key)) {
                assertThat(answer).as("%s is listed", key).isNull();
                assertThat(before().corrupt.contains(key) || before().lost.contains(key))
                        .as("%s was not right", key)
                        .isTrue();
            } else if (before().corrupt.contains(key)) {
                assertThat(answer).as("%s was damaged", key).isNull();
                unlisted++;
            } else if (!Objects.equals(answer, sample.model().get(key))) {
                // An older value may be hidden by the tombstone of which only an index block tells.
                assertThat(
                                answer == null && before().lost.contains(key)
                                        ? before().answers.get(key)
                                        : answer)
                        .as("%s as before", key)
                        .isEqualTo(before().answers.get(key));
            }
        }
        assertThat(unlisted).isLessThanOrEqualTo(unnamed);
    }

    private List<String> arenas() {
        return damaged.keySet().stream().filter(name -> name.endsWith(".arena")).toList();
    }
}
