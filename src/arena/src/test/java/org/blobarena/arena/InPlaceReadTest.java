package org.blobarena.arena;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.blobarena.arena.ArenaContent.bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.blobarena.arena.internal.io.Scratch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads that a function looks at where they were read, and reads that are appended. */
class InPlaceReadTest {

    private static final int LONG = 3 * Scratch.BYTES + 7;

    @TempDir
    Path directory;

    private final List<byte[]> contents = new ArrayList<>();
    private final List<Location> locations = new ArrayList<>();
    private FileArena arena;

    @BeforeEach
    void pushSomeBytes() throws IOException {
        FileArenaWriter writer = FileArenaWriter.create(
                directory.resolve("file"), 0, ArenaOptions.builder().build());
        for (int length : new int[] {0, 1, 100, Scratch.BYTES - 1, Scratch.BYTES, Scratch.BYTES + 1, LONG}) {
            contents.add(bytes(length, length));
            locations.add(writer.push(bytes(length, length)));
        }
        arena = writer.intoArena();
    }

    @AfterEach
    void close() throws IOException {
        arena.close();
    }

    @Test
    void functionSeesExactlyTheBytesOfAnyLengthAndReadOnly() throws IOException {
        for (int i = 0; i < contents.size(); i++) {
            byte[] expected = contents.get(i);

            Integer seen = arena.read(locations.get(i), bytes -> {
                assertThat(bytes.isReadOnly()).isTrue();
                assertThatExceptionOfType(ReadOnlyBufferException.class).isThrownBy(() -> bytes.put(0, (byte) 0));
                assertThat(bytes.equals(ByteBuffer.wrap(expected))).isTrue();
                return bytes.remaining();
            });

            assertThat(seen).isEqualTo(expected.length);
        }
        Object nothing = arena.read(locations.get(0), bytes -> null);
        assertThat(nothing).isNull();
    }

    /** Far more than there are buffers to lend: who gets none reads an array, and nobody waits. */
    @Test
    void functionMayReadAgainAndAgainInsideItself() throws IOException {
        assertThat(depth(3 * Scratch.LENT_COUNT)).isEqualTo(3 * Scratch.LENT_COUNT);
    }

    private int depth(int levels) throws IOException {
        int which = 2 + levels % 2;
        if (levels == 0) {
            return 0;
        }
        Integer below = arena.read(locations.get(which), bytes -> {
            int inner = depth(levels - 1);
            assertThat(bytes.equals(ByteBuffer.wrap(contents.get(which)))).isTrue();
            return inner;
        });
        return below + 1;
    }

    @Test
    void functionThatFailsGivesItsBufferBackAndItsExceptionThrough() throws IOException {
        for (int i = 0; i < 2 * Scratch.LENT_COUNT; i++) {
            assertThatIOException()
                    .isThrownBy(() -> arena.read(locations.get(2), bytes -> {
                        throw new IOException("of the function");
                    }))
                    .withMessage("of the function");
        }
        boolean lent = Boolean.TRUE.equals(arena.read(locations.get(2), ByteBuffer::isDirect));
        assertThat(lent).isTrue();
    }

    @Test
    void functionMayCloseTheArenaWhichRefusesFromThenOn() throws IOException {
        Byte first = arena.read(locations.get(2), bytes -> {
            arena.close();
            return bytes.get(0);
        });

        assertThat(first).isEqualTo(contents.get(2)[0]);
        assertThatIllegalStateException().isThrownBy(() -> arena.read(locations.get(0), bytes -> 1));
        assertThatIllegalStateException().isThrownBy(() -> arena.appendTo(locations.get(0), new ByteArrayBuilder()));
    }

    @Test
    void threadsThatReadInPlaceAtOnceNeverSeeEachOthersBytes() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int first = thread;
                running.add(threads.submit(() -> {
                    ByteArrayBuilder reused = new ByteArrayBuilder();
                    for (int i = 0; i < 700; i++) {
                        int which = (first + i) % contents.size();
                        ByteBuffer expected = ByteBuffer.wrap(contents.get(which));
                        reused.clear();
                        arena.appendTo(locations.get(which), reused);
                        assertThat(reused.asByteBuffer().equals(expected)).isTrue();
                        Boolean same = arena.read(locations.get(which), bytes -> bytes.equals(expected));
                        assertThat(same).isTrue();
                    }
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void locationsOfAllLengthsAreAppendedOneBehindTheOther() throws IOException {
        ByteArrayBuilder target = new ByteArrayBuilder(0).append("before".getBytes(UTF_8));
        ByteArrayBuilder expected = new ByteArrayBuilder().append("before".getBytes(UTF_8));
        for (int i = 0; i < contents.size(); i++) {
            arena.appendTo(locations.get(i), target);
            expected.append(contents.get(i));
        }

        assertThat(target.asByteBuffer().equals(expected.asByteBuffer())).isTrue();
    }

    @Test
    void reusedBuilderKeepsItsArrayOverManyReads() throws IOException {
        ByteArrayBuilder target = new ByteArrayBuilder();
        Set<Integer> arrays = new HashSet<>();
        arena.appendTo(locations.get(contents.size() - 1), target);
        for (Location location : locations) {
            target.clear();
            arena.appendTo(location, target);
            arrays.add(System.identityHashCode(target.array()));
        }

        assertThat(arrays).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, Scratch.BYTES + 10})
    void readThatFailsHalfWayLeavesWhatWasAppendedBefore(int left) throws IOException {
        Location last = locations.get(contents.size() - 1);
        try (FileChannel file = FileChannel.open(directory.resolve("file"), StandardOpenOption.WRITE)) {
            file.truncate(last.offset() + left);
        }
        ByteArrayBuilder target = new ByteArrayBuilder().append("before".getBytes(UTF_8));
        StringBuilder text = new StringBuilder("before");

        assertThatIOException().isThrownBy(() -> arena.appendTo(last, target));
        assertThatIOException().isThrownBy(() -> arena.appendToUnchecked(last, text));
        assertThatIOException().isThrownBy(() -> arena.read(last, bytes -> 1));

        assertThat(target.toString(UTF_8)).isEqualTo("before");
        assertThat(text).hasToString("before");
    }

    @Test
    void locationOutsideIsRefusedAndNothingAppended() {
        Location outside = new Location(0, arena.totalBytes(), 1);
        Location ofAnotherFile = new Location(1, 0, 0);
        ByteArrayBuilder target = new ByteArrayBuilder();

        for (Location location : List.of(outside, ofAnotherFile)) {
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> arena.appendTo(location, target));
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> arena.read(location, bytes -> 1));
        }
        assertThat(target.length()).isZero();
    }

    @Test
    void builderThatWouldExceedAnArrayIsRefusedBeforeAnythingIsRead() throws IOException {
        ByteArrayBuilder target = new ByteArrayBuilder();
        target.extendTo(Integer.MAX_VALUE - 8); // As if it were full; a test with so much memory would be a burden.

        assertThatIllegalArgumentException()
                .isThrownBy(() -> arena.appendTo(locations.get(1), target))
                .withMessageContaining("2147483639");
        assertThat(target.length()).isEqualTo(Integer.MAX_VALUE - 8);
    }
}
