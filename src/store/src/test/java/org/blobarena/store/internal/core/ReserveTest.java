package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.blobarena.arena.internal.file.FileOptions;
import org.blobarena.arena.internal.io.ChannelCache;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.testing.ManualBackground;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The space that is kept for removals, and for compaction. */
class ReserveTest {

    private static final int FILE_BYTES_MAX = 64 * 1024;

    /** A quarter of an arena file. */
    private static final int BYTES = FILE_BYTES_MAX / 4;

    private static final int PLENTY = 100 * BYTES;
    private static final int SPARE = 1 << 20;

    @TempDir
    Path temporary;

    private FailingDirectory device;
    private Path file;

    @BeforeEach
    void makeDevice() throws IOException {
        device = new FailingDirectory(new NioDirectory(temporary));
        device.setFreeBytes(PLENTY);
        file = temporary.resolve("RESERVE");
    }

    private Reserve open(long spareBytes) throws IOException {
        StoreSettings settings = new StoreSettings(
                new FileOptions(FileOptions.BUFFER_BYTES, FileOptions.FILE_BYTES_LIMIT, new ChannelCache(2), false),
                FILE_BYTES_MAX,
                0,
                true,
                false,
                0,
                0,
                InstantSource.system(),
                0,
                0,
                new CompactionSettings(false, 0, Long.MAX_VALUE, 0, spareBytes),
                false,
                null,
                null);
        Reserve reserve = new Reserve(device, settings, new ManualBackground());
        reserve.open();
        return reserve;
    }

    private Reserve openGivenUp() throws IOException {
        Reserve reserve = open(0);
        reserve.retryWithoutReserve(() -> failWhileHeld("done"));
        return reserve;
    }

    private String failWhileHeld(String result) throws IOException {
        if (Files.exists(file)) {
            throw new IOException("failed");
        }
        return result;
    }

    // ---- the file

    @Test
    void fileIsMadeWhereFourTimesItsBytesAreFree() throws IOException {
        device.setFreeBytes(4 * BYTES - 1);
        open(0);
        assertThat(file).doesNotExist();

        device.setFreeBytes(4 * BYTES);
        open(0);
        assertThat(file).hasSize(BYTES);
    }

    @Test
    void fileOfTheLastOpeningStays() throws IOException {
        open(0);
        int writes = device.writes();
        open(0);
        assertThat(device.writes()).isEqualTo(writes);
        assertThat(file).hasSize(BYTES);
    }

    @Test
    void fileOfAnotherLengthIsMadeAnew() throws IOException {
        Files.write(file, new byte[BYTES - 1]);
        open(0);
        assertThat(file).hasSize(BYTES);
    }

    @Test
    void fileWithASecondNameIsMadeAnew() throws IOException {
        open(0);
        Path other = Files.createLink(temporary.resolve("other"), file);
        open(0);
        assertThat(file).hasSize(BYTES);
        assertThat(Files.isSameFile(file, other)).isFalse();
    }

    // ---- giving it up

    @Test
    void operationThatFailsIsRunAgainWithoutTheFile() throws IOException {
        Reserve reserve = open(0);
        AtomicInteger runs = new AtomicInteger();
        String result = reserve.retryWithoutReserve(() -> {
            runs.incrementAndGet();
            return failWhileHeld("done");
        });
        assertThat(result).isEqualTo("done");
        assertThat(runs).hasValue(2);
    }

    @Test
    void operationThatFailsWithoutTheFileIsNotRunAgain() throws IOException {
        Reserve reserve = openGivenUp();
        AtomicInteger runs = new AtomicInteger();
        assertThatThrownBy(() -> reserve.retryWithoutReserve(() -> {
                    runs.incrementAndGet();
                    throw new IOException("failed");
                }))
                .hasMessage("failed");
        assertThat(runs).hasValue(1);
    }

    @Test
    void operationIsRunAgainWhenAnotherHasGivenUpTheFileMeanwhile() throws IOException {
        Reserve reserve = open(0);
        AtomicInteger runs = new AtomicInteger();
        reserve.retryWithoutReserve(() -> {
            if (runs.incrementAndGet() == 1) {
                reserve.retryWithoutReserve(() -> failWhileHeld("of the other"));
                throw new IOException("failed");
            }
            return "done";
        });
        assertThat(runs).hasValue(2);
    }

    @Test
    void refusedWriteGivesNothingUp() throws IOException {
        Reserve reserve = open(0);
        assertThatThrownBy(() -> reserve.retryWithoutReserve(() -> {
                    throw new WritesRefusedException(new IOException("earlier"));
                }))
                .isInstanceOf(WritesRefusedException.class);
        assertThat(file).exists();
    }

    @Test
    void closeGivesTheFileUpWhereLessIsFree() throws IOException {
        Reserve reserve = open(0);
        device.setFreeBytes(BYTES);
        reserve.giveUpIfShort();
        assertThat(file).exists();

        device.setFreeBytes(BYTES - 1);
        reserve.giveUpIfShort();
        assertThat(file).doesNotExist();
    }

    // ---- puts

    @Test
    void putsLeaveTheSpaceOfAFileThatWasGivenUp() throws IOException {
        Reserve reserve = open(0);
        device.setFreeBytes(0);
        assertThatCode(() -> reserve.requireSpared(100)).doesNotThrowAnyException();

        reserve.retryWithoutReserve(() -> failWhileHeld("done"));
        device.setFreeBytes(BYTES + 99);
        assertThatThrownBy(() -> reserve.requireSpared(100)).isInstanceOf(NoSpaceException.class);
        device.setFreeBytes(BYTES + 100);
        assertThatCode(() -> reserve.requireSpared(100)).doesNotThrowAnyException();
    }

    @Test
    void fileIsMadeAgainAfterSomeWrites() throws IOException {
        Reserve reserve = openGivenUp();
        for (int i = 1; i < Reserve.WRITES_PER_ATTEMPT; i++) {
            reserve.written();
        }
        assertThat(file).doesNotExist();

        reserve.written();
        assertThat(file).hasSize(BYTES);
        device.setFreeBytes(0);
        assertThatCode(() -> reserve.requireSpared(100)).doesNotThrowAnyException();
    }

    @Test
    void fileIsNotMadeAgainWhileThereIsLittleSpace() throws IOException {
        Reserve reserve = openGivenUp();
        device.setFreeBytes(4 * BYTES - 1);
        for (int i = 0; i < 2 * Reserve.WRITES_PER_ATTEMPT; i++) {
            reserve.written();
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void putsLeaveTheSpaceOfCompactionUnlessItIsInUse() throws IOException {
        Reserve reserve = open(SPARE);
        device.setFreeBytes(SPARE + 99);
        assertThatThrownBy(() -> reserve.requireSpared(100)).isInstanceOf(NoSpaceException.class);
        assertThatThrownBy(() -> reserve.requireSpared(100)).isInstanceOf(NoSpaceException.class);

        reserve.spareInUse(SPARE);
        assertThatCode(() -> reserve.requireSpared(100)).doesNotThrowAnyException();
    }

    @Test
    void spaceOfCompactionIsLookedAtOnceAMebibyte() throws IOException {
        Reserve reserve = open(SPARE);
        device.setFreeBytes(SPARE + 100);
        reserve.requireSpared(100);
        device.setFreeBytes(0);
        reserve.requireSpared(1 << 20);
        assertThatThrownBy(() -> reserve.requireSpared(1)).isInstanceOf(NoSpaceException.class);
    }
}
