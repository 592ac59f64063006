package org.blobarena.arena.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.blobarena.arena.ArenaContent.assertReads;
import static org.blobarena.arena.ArenaContent.bytes;
import static org.blobarena.arena.ArenaContent.direct;
import static org.blobarena.arena.ArenaContent.push;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.arena.ArenaContent;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.ChannelCache;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a full or broken device does to a writer. */
class AppendFileFailureTest {

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
        AppendFile writer = writer();
        writer.push(ByteBuffer.wrap(content, 0, 300));
        device.setFreeBytes(free);

        assertThatIOException().isThrownBy(writer::flush).withMessageContaining("No space");
        assertThatIOException().isThrownBy(writer::force).withMessageContaining("No space");

        assertThat(writer.file().flushedBytes()).isZero();
        assertReads(writer.file(), new Location(0, 0, 300), ByteBuffer.wrap(content, 0, 300));
        writer.push(ByteBuffer.wrap(content, 300, 150));
        assertReads(writer.file(), new Location(0, 0, 450), content);
        device.freeSpace();
        writer.flush();
        assertThat(writer.file().flushedBytes()).isEqualTo(450);
        assertThat(directory.resolve("a")).hasBinaryContent(content);
        writer.finish().close();
    }

    @Test
    void forceOfFlushedBytesSucceedsThoughLaterOnesFindNoSpace() throws IOException {
        AppendFile writer = writer();
        Location first = push(writer, new byte[] {1});
        writer.flush();
        Location second = push(writer, new byte[] {2});
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
        AppendFile writer = writer();
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
        assertThat(writer.file().flushedBytes()).isZero();
        assertReads(writer.file(), new Location(0, 0, 2 * BUFFER), ByteBuffer.wrap(content, 0, 2 * BUFFER));

        device.freeSpace();
        writer.push(third);
        writer.finish().close();
        assertThat(directory.resolve("a")).hasBinaryContent(content);
    }

    @Test
    void bytesOfAFailedFlushCanStillBeAmended() throws IOException {
        AppendFile writer = writer();
        push(writer, new byte[] {1, 2, 3});
        device.setFreeBytes(1);
        assertThatIOException().isThrownBy(writer::flush);
        push(writer, new byte[] {4, 5});

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
        AppendFile writer = writer();
        push(writer, new byte[] {1, 2, 3});
        ByteBuffer large = offHeap ? direct(content) : ByteBuffer.wrap(content);
        device.setFreeBytes(3 + 2000);

        assertThatIOException().isThrownBy(() -> writer.push(large));

        assertThat(large.position()).isZero();
        assertThat(writer.length()).isEqualTo(3);
        assertThat(directory.resolve("a")).hasSize(3);
        device.freeSpace();
        Location small = push(writer, new byte[] {4});
        Location again = push(writer, large);
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
        AppendFile writer = writer();
        device.setFreeBytes(3000);
        device.setTruncatesFail(true);
        assertThatIOException()
                .isThrownBy(() -> push(writer, new byte[5000]))
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        device.freeSpace();
        assertThatIOException().isThrownBy(() -> {
            push(writer, content);
            writer.finish();
        });
        assertThat(directory.resolve("a")).hasSize(3000);

        device.setTruncatesFail(false);
        if (writer.length() == 0) {
            push(writer, content);
        }
        try (ReadableFile file = writer.finish()) {
            assertThat(file.length()).isEqualTo(pushedAfterwards);
            assertThat(directory.resolve("a")).hasBinaryContent(content);
        }
    }

    @Test
    void pushThroughFailingWhileItFlushesTheBufferKeepsTheBuffer() throws IOException {
        AppendFile writer = writer();
        push(writer, new byte[] {1, 2, 3});
        device.setFreeBytes(2);

        assertThatIOException().isThrownBy(() -> push(writer, new byte[5000]));

        assertThat(writer.length()).isEqualTo(3);
        assertReads(writer.file(), new Location(0, 0, 3), new byte[] {1, 2, 3});
        assertThat(push(writer, new byte[] {4})).isEqualTo(new Location(0, 3, 1));
        device.freeSpace();
        writer.finish().close();
        assertThat(directory.resolve("a")).hasBinaryContent(new byte[] {1, 2, 3, 4});
    }

    @Test
    void failedForceMakesTheWriterRefuseAllWritesAndKeepsItReadable() throws IOException {
        AppendFile writer = writer();
        Location forced = push(writer, new byte[] {1});
        writer.force();
        Location unforced = push(writer, new byte[] {2});
        device.setForcesFail(true);

        assertThatIOException().isThrownBy(writer::force).withMessage("Input/output error");

        device.setForcesFail(false);
        assertThat(writer.isFailed()).isTrue();
        assertRefusedForTheForce(() -> push(writer, new byte[1]));
        assertRefusedForTheForce(() -> push(writer, new byte[0]));
        assertRefusedForTheForce(() -> push(writer, new byte[5000]));
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
        AppendFile writer = writer();
        push(writer, new byte[] {1});
        device.setForcesFail(true);
        device.setBeforeForce(() -> pushUnchecked(writer));
        assertThatIOException().isThrownBy(writer::force);
        device.setForcesFail(false);

        writer.flush();

        assertThat(writer.length()).isEqualTo(2);
        assertThat(directory.resolve("a")).hasSize(2);
        assertRefusedForTheForce(writer::force);
        assertRefusedForTheForce(() -> push(writer, new byte[1]));
        writer.close();
    }

    @Test
    void closeOfAWriterThatCannotFlushDropsTheBufferAndClosesTheFile() throws IOException {
        AppendFile writer = writer();
        push(writer, new byte[] {1});
        device.setFreeBytes(0);
        assertThatIOException().isThrownBy(writer::finish);

        writer.close();

        assertThat(device.openHandles()).isZero();
        assertThatIllegalStateException().isThrownBy(() -> push(writer, new byte[1]));
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
        try (AppendFile writer = writer()) {
            push(writer, new byte[10]);
            writer.flush();
        }
        device.setForcesFail(true);
        assertThatIOException().isThrownBy(() -> AppendFiles.reopen(0, device, "a", 5, options()));
        device.setForcesFail(false);
        device.setTruncatesFail(true);
        assertThatIOException().isThrownBy(() -> AppendFiles.reopen(0, device, "a", 4, options()));

        assertThat(device.openHandles()).isZero();
    }

    private AppendFile writer() throws IOException {
        return AppendFiles.create(0, device, "a", options());
    }

    private static FileOptions options() {
        return new FileOptions(BUFFER, FileOptions.FILE_BYTES_LIMIT, new ChannelCache(10), false);
    }

    private static void assertReads(ReadableFile file, Location location, byte[] expected) throws IOException {
        ArenaContent.assertReads(file, location, expected);
    }

    private static void assertReads(ReadableFile file, Location location, ByteBuffer expected) throws IOException {
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

    private static void pushUnchecked(AppendFile writer) {
        try {
            push(writer, new byte[] {2});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void failedFlushLeavesNothingOfItOnTheFile() throws IOException {
        FaultyDirectory faulty = new FaultyDirectory(DiskImage.empty());
        try (AppendFile writer = AppendFiles.create(0, faulty, "file", options())) {
            push(writer, new byte[10]);
            writer.flush();
            push(writer, new byte[20]);
            push(writer, new byte[30]);
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
