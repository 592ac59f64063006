package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.blobarena.arena.ArenaContent.bytes;
import static org.blobarena.arena.ArenaContent.direct;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.arena.io.DiskImage;
import org.blobarena.arena.io.FailingDirectory;
import org.blobarena.arena.io.FaultyDirectory;
import org.blobarena.arena.io.NioDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a full or broken device does to a writer. */
class FileArenaWriterFailureTest {

    private static final int BUFFER = 512;

    @TempDir
    Path directory;

    private FailingDirectory device;

    @BeforeEach
    void useTheDirectory() throws IOException {
        device = new FailingDirectory(new NioDirectory(directory));
    }

    @AfterEach
    void noDescriptorIsLeftOpen() {
        assertThat(device.openHandles()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 299})
    void failedFlushLosesNothingAndALaterOneWritesAll(long free) throws IOException {
        byte[] content = bytes(1, 450);
        FileArenaWriter writer = writer();
        writer.push(ByteBuffer.wrap(content, 0, 300));
        device.setFreeBytes(free);

        assertThatIOException().isThrownBy(writer::flush).withMessageContaining("No space");
        assertThatIOException().isThrownBy(writer::force).withMessageContaining("No space");

        assertThat(writer.flushedBytes()).isZero();
        assertReads(writer.file(), new Location(0, 0, 300), ByteBuffer.wrap(content, 0, 300));
        writer.push(ByteBuffer.wrap(content, 300, 150));
        assertReads(writer.file(), new Location(0, 0, 450), content);
        device.freeSpace();
        writer.flush();
        assertThat(writer.flushedBytes()).isEqualTo(450);
        assertThat(directory.resolve("a")).hasBinaryContent(content);
        writer.finish().close();
    }

    @Test
    void forceOfFlushedBytesSucceedsThoughLaterOnesFindNoSpace() throws IOException {
        FileArenaWriter writer = writer();
        Location first = writer.push(new byte[] {1});
        writer.flush();
        Location second = writer.push(new byte[] {2});
        device.setFreeBytes(0);

        writer.forceTo(first.end());
        assertThatIOException().isThrownBy(() -> writer.forceTo(second.end())).withMessageContaining("No space");

        assertThat(writer.forcedBytes()).isEqualTo(first.end());
        assertThat(writer.isFailed()).isFalse();
        device.freeSpace();
        writer.forceTo(second.end());
        assertThat(writer.forcedBytes()).isEqualTo(second.end());
        writer.finish().close();
    }

    @Test
    void pushThatNeedsRoomInAFullBufferFailsBeforeItChangesAnything() throws IOException {
        byte[] content = bytes(2, 2 * BUFFER + 100);
        FileArenaWriter writer = writer();
        writer.push(ByteBuffer.wrap(content, 0, BUFFER));
        device.setFreeBytes(10);
        ByteBuffer second = ByteBuffer.wrap(content, BUFFER, BUFFER);
        ByteBuffer third = ByteBuffer.wrap(content, 2 * BUFFER, 100);

        assertThatIOException().isThrownBy(() -> writer.push(second));
        assertThat(second.position()).isEqualTo(BUFFER);
        assertThat(writer.length()).isEqualTo(BUFFER);

        // The failed flush has swapped the buffers, so that one more bufferful fits and then nothing.
        writer.push(second);
        assertThatIOException().isThrownBy(() -> writer.push(third));
        assertThatIOException().isThrownBy(() -> writer.push(third));
        assertThat(third.position()).isEqualTo(2 * BUFFER);
        assertThat(writer.length()).isEqualTo(2 * BUFFER);
        assertThat(writer.flushedBytes()).isZero();
        assertReads(writer.file(), new Location(0, 0, 2 * BUFFER), ByteBuffer.wrap(content, 0, 2 * BUFFER));

        device.freeSpace();
        writer.push(third);
        writer.finish().close();
        assertThat(directory.resolve("a")).hasBinaryContent(content);
    }

    @Test
    void bytesOfAFailedFlushCanStillBeAmended() throws IOException {
        FileArenaWriter writer = writer();
        writer.push(new byte[] {1, 2, 3});
        device.setFreeBytes(1);
        assertThatIOException().isThrownBy(writer::flush);
        writer.push(new byte[] {4, 5});

        assertThat(writer.amendUnflushed(ByteBuffer.wrap(new byte[] {20, 30}), 1))
                .isTrue();
        assertThat(writer.amendUnflushed(ByteBuffer.wrap(new byte[] {50}), 4)).isTrue();

        assertReads(writer.file(), new Location(0, 0, 5), new byte[] {1, 20, 30, 4, 50});
        device.freeSpace();
        writer.finish().close();
        assertThat(directory.resolve("a")).hasBinaryContent(new byte[] {1, 20, 30, 4, 50});
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void pushThroughThatFailsInTheMiddleLeavesTheLengthAndTheSpace(boolean offHeap) throws IOException {
        byte[] content = bytes(3, 5000);
        FileArenaWriter writer = writer();
        writer.push(new byte[] {1, 2, 3});
        ByteBuffer large = offHeap ? direct(content) : ByteBuffer.wrap(content);
        device.setFreeBytes(3 + 2000);

        assertThatIOException().isThrownBy(() -> writer.push(large));

        assertThat(large.position()).isZero();
        assertThat(writer.length()).isEqualTo(3);
        assertThat(directory.resolve("a")).hasSize(3);
        device.freeSpace();
        Location small = writer.push(new byte[] {4});
        Location again = writer.push(large);
        assertThat(small).isEqualTo(new Location(0, 3, 1));
        assertThat(again).isEqualTo(new Location(0, 4, 5000));
        assertReads(writer.file(), small, new byte[] {4});
        assertReads(writer.file(), again, content);
        writer.finish().close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 300, 600})
    void whatAFailedPushThroughLeftBehindTheEndIsCutOffBeforeAnythingElseIsWritten(int pushedAfterwards)
            throws IOException {
        byte[] content = bytes(4, pushedAfterwards);
        FileArenaWriter writer = writer();
        device.setFreeBytes(3000);
        device.setTruncatesFail(true);
        assertThatIOException()
                .isThrownBy(() -> writer.push(new byte[5000]))
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        device.freeSpace();
        assertThatIOException().isThrownBy(() -> {
            writer.push(content);
            writer.finish();
        });
        assertThat(directory.resolve("a")).hasSize(3000);

        device.setTruncatesFail(false);
        if (writer.length() == 0) {
            writer.push(content);
        }
        try (ArenaFile file = writer.finish()) {
            assertThat(file.length()).isEqualTo(pushedAfterwards);
            assertThat(directory.resolve("a")).hasBinaryContent(content);
        }
    }

    @Test
    void pushThroughFailingWhileItFlushesTheBufferKeepsTheBuffer() throws IOException {
        FileArenaWriter writer = writer();
        writer.push(new byte[] {1, 2, 3});
        device.setFreeBytes(2);

        assertThatIOException().isThrownBy(() -> writer.push(new byte[5000]));

        assertThat(writer.length()).isEqualTo(3);
        assertReads(writer.file(), new Location(0, 0, 3), new byte[] {1, 2, 3});
        assertThat(writer.push(new byte[] {4})).isEqualTo(new Location(0, 3, 1));
        device.freeSpace();
        writer.finish().close();
        assertThat(directory.resolve("a")).hasBinaryContent(new byte[] {1, 2, 3, 4});
    }

    @Test
    void failedForceMakesTheWriterRefuseAllWritesAndKeepsItReadable() throws IOException {
        FileArenaWriter writer = writer();
        Location forced = writer.push(new byte[] {1});
        writer.force();
        Location unforced = writer.push(new byte[] {2});
        device.setForcesFail(true);

        assertThatIOException().isThrownBy(writer::force).withMessage("Input/output error");

        device.setForcesFail(false);
        assertThat(writer.isFailed()).isTrue();
        assertRefusedForTheForce(() -> writer.push(new byte[1]));
        assertRefusedForTheForce(() -> writer.push(new byte[0]));
        assertRefusedForTheForce(() -> writer.push(new byte[5000]));
        assertRefusedForTheForce(writer::force);
        assertRefusedForTheForce(() -> writer.forceTo(unforced.end()));
        assertRefusedForTheForce(writer::finish);
        writer.forceTo(forced.end());
        assertReads(writer.file(), forced, new byte[] {1});
        assertReads(writer.file(), unforced, new byte[] {2});
        assertThat(device.forces()).isEqualTo(2);
        writer.close();
    }

    @Test
    void failedForceLeavesWhatWasPushedMeanwhileToBeFlushed() throws IOException {
        FileArenaWriter writer = writer();
        writer.push(new byte[] {1});
        device.setForcesFail(true);
        device.setBeforeForce(() -> pushUnchecked(writer));
        assertThatIOException().isThrownBy(writer::force);
        device.setForcesFail(false);

        writer.flush();

        assertThat(writer.length()).isEqualTo(2);
        assertThat(directory.resolve("a")).hasSize(2);
        assertRefusedForTheForce(writer::force);
        assertRefusedForTheForce(() -> writer.push(new byte[1]));
        writer.close();
    }

    @Test
    void closeOfAWriterThatCannotFlushDropsTheBufferAndClosesTheFile() throws IOException {
        FileArenaWriter writer = writer();
        writer.push(new byte[] {1});
        device.setFreeBytes(0);
        assertThatIOException().isThrownBy(writer::finish);

        writer.close();

        assertThat(device.openHandles()).isZero();
        assertThatIllegalStateException().isThrownBy(() -> writer.push(new byte[1]));
        assertThat(directory.resolve("a")).hasSize(0);
    }

    @Test
    void fileThatCannotBeMadeLeavesNothing() {
        device.setCreatesFail(true);

        assertThatIOException().isThrownBy(this::writer).withMessageContaining("No space");

        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void appendThatCannotCutOrForceTheCutClosesTheFile() throws IOException {
        try (FileArenaWriter writer = writer()) {
            writer.push(new byte[10]);
            writer.flush();
        }
        Location kept = new Location(0, 0, 5);
        device.setForcesFail(true);
        assertThatIOException().isThrownBy(() -> FileArenaWriter.append(device, "a", kept, options()));
        device.setForcesFail(false);
        device.setTruncatesFail(true);
        Location shorter = new Location(0, 0, 4);
        assertThatIOException().isThrownBy(() -> FileArenaWriter.append(device, "a", shorter, options()));

        assertThat(device.openHandles()).isZero();
    }

    private FileArenaWriter writer() throws IOException {
        return FileArenaWriter.create(device, "a", 0, options());
    }

    private static ArenaOptions options() {
        return ArenaOptions.builder().bufferBytes(BUFFER).build();
    }

    private static void assertReads(ArenaFile file, Location location, byte[] expected) throws IOException {
        ArenaContent.assertReads(file, location, expected);
    }

    private static void assertReads(ArenaFile file, Location location, ByteBuffer expected) throws IOException {
        byte[] bytes = new byte[expected.remaining()];
        expected.duplicate().get(bytes);
        ArenaContent.assertReads(file, location, bytes);
    }

    private static void assertRefusedForTheForce(ThrowingCallable call) {
        assertThatIOException()
                .isThrownBy(call)
                .withMessageContaining("earlier force")
                .withRootCauseInstanceOf(IOException.class);
    }

    private static void pushUnchecked(FileArenaWriter writer) {
        try {
            writer.push(new byte[] {2});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void failedFlushLeavesNothingOfItOnTheFile() throws IOException {
        FaultyDirectory faulty = new FaultyDirectory(DiskImage.empty());
        try (FileArenaWriter writer = FileArenaWriter.create(faulty, "file", 0, ArenaOptions.defaults())) {
            writer.push(new byte[10]);
            writer.flush();
            writer.push(new byte[20]);
            writer.push(new byte[30]);
            faulty.setFault((number, kind, bytes) -> kind.equals("write") ? 25 : FaultyDirectory.Fault.CARRY_OUT);
            assertThatIOException().isThrownBy(writer::flush);

            DiskImage killed = faulty.deviceAfter(faulty.changes()).afterKill();
            assertThat(killed.files().get("file")).hasSize(10);

            faulty.setFault(null);
            writer.flush();
            assertThat(faulty.deviceAfter(faulty.changes()).afterKill().files().get("file"))
                    .hasSize(60);
        }
    }
}
