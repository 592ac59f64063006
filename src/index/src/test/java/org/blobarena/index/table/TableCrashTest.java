package org.blobarena.index.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.index.DamagedIndexException;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process, or a device, that stops at some moment leaves in the file. */
class TableCrashTest {

    private static final int KEYS = 20_000;
    private static final int PAGE_BYTES = 4096;

    private final LocationIndexFactory factory = new TableIndexFactory();

    @TempDir
    Path files;

    @TempDir
    Path left;

    @Test
    void fileOfAnOpenIndexIsNeverBelieved() throws IOException {
        LocationIndex index = factory.create(files, 0);
        assertLeftIsRefused(0);
        for (int number = 0; number < KEYS; number++) {
            index.put(key(number), location(number, 1));
            if (number % 1_000 == 0) {
                assertLeftIsRefused(number + 1);
            }
        }
        String name = index.closeForReopening();
        try (LocationIndex reopened = factory.open(files, name, KEYS)) {
            assertLeftIsRefused(KEYS);
            assertThat(reopened.get(key(1))).isEqualTo(location(1, 1));
            assertLeftIsRefused(KEYS);
        }
        // Closed without a promise.
        assertThatThrownBy(() -> factory.open(files, name, KEYS)).isInstanceOf(IOException.class);
    }

    @Test
    void crashInACloseLeavesAllOrNothing() throws IOException {
        FailingDirectory device = new FailingDirectory(new NioDirectory(files));
        LocationIndex index = new TableIndexFactory(path -> device, 0).create(files, 0);
        for (int number = 0; number < KEYS; number++) {
            index.put(key(number), location(number, 1));
        }
        List<Boolean> believed = new ArrayList<>();
        device.setBeforeWrite(() -> believed.add(isLeftBelieved()));
        device.setBeforeForce(() -> believed.add(isLeftBelieved()));
        index.closeForReopening();
        assertThat(believed).containsExactly(false, false, true);
    }

    @Test
    void closeWhoseForceFailsIsNoClose() throws IOException {
        FailingDirectory device = new FailingDirectory(new NioDirectory(files));
        LocationIndex index = new TableIndexFactory(path -> device, 0).create(files, 0);
        device.setForcesFail(true);
        assertThatThrownBy(index::closeForReopening).isInstanceOf(IOException.class);
        assertThat(device.openHandles()).isZero();
    }

    /** The device has lost the power when it had written some of the pages and not others. */
    @Test
    void pagesThatNeverReachedTheDeviceAreFound() throws IOException {
        LocationIndex index = factory.create(files, 0);
        for (int number = 0; number < KEYS; number++) {
            index.put(key(number), location(number, 1));
        }
        String name = index.closeForReopening();
        byte[] sealed = Files.readAllBytes(files.resolve(name));
        Random random = new Random(7);
        for (int round = 0; round < 20; round++) {
            byte[] torn = sealed.clone();
            for (int at = PAGE_BYTES; at + PAGE_BYTES <= torn.length; at += PAGE_BYTES) {
                if (random.nextInt(30) == 0) {
                    Arrays.fill(torn, at, at + PAGE_BYTES, (byte) 0);
                }
            }
            Files.write(files.resolve(name), torn);
            LocationIndex reopened;
            try {
                reopened = factory.open(files, name, KEYS);
            } catch (IOException e) {
                continue;
            }
            try (reopened) {
                for (int number = 0; number < KEYS; number++) {
                    assertRightOrDamaged(reopened, number);
                }
            }
        }
    }

    private static void assertRightOrDamaged(LocationIndex index, int number) {
        Location found;
        try {
            found = index.get(key(number));
        } catch (DamagedIndexException e) {
            return;
        }
        assertThat(found).isEqualTo(location(number, 1));
    }

    private void assertLeftIsRefused(int keys) throws IOException {
        String name = copy();
        assertThatThrownBy(() -> factory.open(left, name, keys)).isInstanceOf(IOException.class);
    }

    private boolean isLeftBelieved() {
        try {
            String name = copy();
            try (LocationIndex index = factory.open(left, name, KEYS)) {
                for (int number = 0; number < KEYS; number++) {
                    assertThat(index.get(key(number))).isEqualTo(location(number, 1));
                }
                return true;
            } catch (IOException e) {
                return false;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies what a process that dies now leaves. */
    private String copy() throws IOException {
        try (Stream<Path> old = Files.list(left)) {
            for (Path each : old.toList()) {
                Files.delete(each);
            }
        }
        try (Stream<Path> entries = Files.list(files)) {
            Path only = entries.findFirst().orElseThrow();
            Files.copy(only, left.resolve(only.getFileName()));
            return only.getFileName().toString();
        }
    }
}
