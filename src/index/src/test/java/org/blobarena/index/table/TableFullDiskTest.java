package org.blobarena.index.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;
import static org.blobarena.index.IndexSamples.probe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device that has no room for a longer file. */
class TableFullDiskTest {

    private static final int KEYS_MAX = 200_000;

    @TempDir
    Path files;

    private FailingDirectory device;

    @BeforeEach
    void open() throws IOException {
        device = new FailingDirectory(new NioDirectory(files));
    }

    @Test
    void newKeysAloneAreRefusedAndTheIndexGrowsWhenItCanAgain() throws IOException {
        try (LocationIndex index = factory(0).create(files, 0)) {
            // One that is not a multiple of what is asked for at once.
            device.setFreeBytes(1_000_003);
            int keys = fillUntilRefused(index);
            long bytes = index.fileBytes();
            assertThat(index.size()).isEqualTo(keys);
            assertThat(index.get(key(keys))).isNull();
            for (int number = 0; number < keys; number++) {
                assertThat(index.get(key(number))).isEqualTo(location(number, 1));
            }
            assertThat(index.put(key(0), location(0, 2))).isEqualTo(location(0, 1));
            assertThat(index.replaceIfEqual(key(0), location(0, 2), location(0, 3)))
                    .isTrue();
            assertThat(index.removeIfEqual(key(0), location(0, 3))).isTrue();
            assertThat(index.fileBytes()).isEqualTo(bytes);
            assertThat(files.toFile().listFiles()).hasSize(1).allMatch(file -> file.length() == bytes);
            device.freeSpace();
            for (int number = keys; number < 2 * keys; number++) {
                index.put(key(number), location(number, 1));
            }
            assertThat(index.size()).isEqualTo(2L * keys - 1);
            for (int number = 1; number < 2 * keys; number++) {
                assertThat(index.get(key(number))).isEqualTo(location(number, 1));
            }
        }
    }

    /** The device says that it has room, and has none when it is written to. */
    @Test
    void writeThatFailsHalfWayLeavesNothingBehind() throws IOException {
        LocationIndexFactory factory = factory(0);
        LocationIndex index = factory.create(files, 0);
        int[] attempts = {0};
        device.setBeforeWrite(() -> {
            attempts[0]++;
            device.setFreeBytes(10_000);
        });
        int keys = fillUntilRefused(index);
        assertThat(attempts[0]).isPositive();
        device.setBeforeWrite(() -> {});
        device.freeSpace();
        try (LocationIndex reopened = factory.open(files, index.closeForReopening(), keys)) {
            for (int number = 0; number < keys; number++) {
                assertThat(reopened.get(key(number))).isEqualTo(location(number, 1));
            }
        }
    }

    @Test
    void keyIsKnownToBeRefusedAsLongAsNoOtherAttemptIsMade() throws IOException {
        try (LocationIndex index = factory(TimeUnit.HOURS.toNanos(1)).create(files, 0)) {
            index.requireRoom(probe(key(0), location(0, 1)));
            device.setFreeBytes(0);
            int keys = fillUntilRefused(index);
            index.requireRoom(probe(key(0), location(0, 1)));
            assertThatThrownBy(() -> index.requireRoom(probe(key(keys), location(keys, 1))))
                    .isInstanceOf(IOException.class);
            // Nobody asks the device again so soon.
            device.freeSpace();
            assertThatThrownBy(() -> index.put(key(keys), location(keys, 1))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void createOnAFullDeviceLeavesNoFile() {
        device.setFreeBytes(5_000);
        assertThatThrownBy(() -> factory(0).create(files, 0)).isInstanceOf(IOException.class);
        assertThat(files).isEmptyDirectory();
    }

    private int fillUntilRefused(LocationIndex index) {
        int[] keys = {0};
        assertThatThrownBy(() -> {
                    while (keys[0] < KEYS_MAX) {
                        index.put(key(keys[0]), location(keys[0], 1));
                        keys[0]++;
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("full at " + keys[0] + " keys")
                .hasMessageContaining(files.toString());
        return keys[0];
    }

    private LocationIndexFactory factory(long retryNanos) {
        return new TableIndexFactory(path -> device, retryNanos);
    }
}
