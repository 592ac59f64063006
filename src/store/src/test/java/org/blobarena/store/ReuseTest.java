package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads into what the caller has already, and in place. */
class ReuseTest {

    @TempDir
    Path directory;

    private BlobStore<String> store;

    @BeforeEach
    void open() throws IOException {
        store = TestStores.onHeap().arenaBytesMax(4 << 20).open(directory.resolve("store"));
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    // ---- a buffer that grows

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 65_500, 65_536, 1_000_000})
    void getUsesTheBufferWhileItIsLargeEnoughAndThenTheAllocators(int length) throws IOException {
        byte[] blob = TestStores.blob(length, 1);
        store.put("key", blob);
        List<Integer> asked = new ArrayList<>();
        ByteBuffer small = ByteBuffer.allocate(100).position(7).limit(50);

        ByteBuffer result = store.get("key", small, bytes -> {
            asked.add(bytes);
            return ByteBuffer.allocateDirect(bytes + 10).position(3);
        });
        assertThat(result).isEqualTo(ByteBuffer.wrap(blob));
        assertThat(result.position()).isZero();
        assertThat(asked).isEqualTo(length <= 100 ? List.of() : List.of(length));
        assertThat(small.capacity() == result.capacity()).isEqualTo(length <= 100);

        ByteBuffer again = store.get("key", result.position(result.limit()), bytes -> {
            throw new AssertionError("a buffer of " + bytes + " bytes was asked for");
        });
        assertThat(again).isSameAs(result).isEqualTo(ByteBuffer.wrap(blob));
    }

    @Test
    void allocatorIsAskedAgainWhenTheBlobHasGrownMeanwhile() throws IOException {
        store.put("key", new byte[10]);
        List<Integer> asked = new ArrayList<>();

        ByteBuffer result = store.get("key", ByteBuffer.allocate(1), bytes -> {
            asked.add(bytes);
            if (asked.size() == 1) {
                try {
                    store.put("key", new byte[20]);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
            return ByteBuffer.allocate(bytes);
        });
        assertThat(result.remaining()).isEqualTo(20);
        assertThat(asked).containsExactly(10, 20);
    }

    @Test
    void allocatorThatGivesTooLittleIsRefused() throws IOException {
        store.put("key", new byte[10]);

        assertThatThrownBy(() -> store.get("key", ByteBuffer.allocate(1), bytes -> ByteBuffer.allocate(bytes - 1)))
                .isInstanceOf(BufferOverflowException.class);
        assertThatThrownBy(() -> store.get("key", ByteBuffer.allocate(1), bytes -> null))
                .isInstanceOf(NullPointerException.class);
    }

    // ---- in place

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 65_501, 65_502, 1_000_000})
    void readHandsOverTheWholeBlobReadOnlyAndBigEndian(int length) throws IOException {
        byte[] blob = TestStores.blob(length, 2);
        store.put("key", blob);

        String result = store.read("key", buffer -> {
            assertThat(buffer.isReadOnly()).isTrue();
            assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            assertThat(buffer.remaining()).isEqualTo(length);
            assertThat(buffer).isEqualTo(ByteBuffer.wrap(blob));
            if (length > 0) {
                assertThatThrownBy(() -> buffer.put(buffer.position(), (byte) 0))
                        .isInstanceOf(ReadOnlyBufferException.class);
            }
            return "done";
        });
        assertThat(result).isEqualTo("done");
        result = store.read("key", buffer -> null);
        assertThat(result).isNull();
    }

    @Test
    void functionMayUseTheStoreAndCloseIt() throws IOException {
        store.put("key", bytes("one"));
        store.put("other", bytes("two"));

        String result = store.read("key", buffer -> {
            store.put("key", bytes("three"));
            String other = store.read("other", inner -> text(inner));
            assertThat(store.getString("key")).isEqualTo("three");
            store.close();
            return text(buffer) + other;
        });
        assertThat(result).isEqualTo("onetwo");
        assertThatThrownBy(() -> store.read("key", buffer -> null)).isInstanceOf(StoreClosedException.class);
        open();
    }

    @Test
    void exceptionOfTheFunctionIsTheCallers() throws IOException {
        store.put("key", bytes("one"));

        assertThatThrownBy(() -> store.read("key", buffer -> {
                    throw new IOException("of the function");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("of the function");
        assertThat(store.getString("key")).isEqualTo("one");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000})
    void damagedBlobReachesNobody(int length) throws IOException {
        store.put("key", bytes("x".repeat(length)));
        store.force();
        Path file = TestStores.arenas(directory.resolve("store")).get(0);
        byte[] content = Files.readAllBytes(file);
        content[content.length - 1] ^= 1;
        Files.write(file, content);
        StringBuilder text = new StringBuilder("before");

        assertThatThrownBy(() -> store.read("key", buffer -> {
                    throw new AssertionError("called");
                }))
                .isInstanceOf(CorruptBlobException.class);
        assertThatThrownBy(() -> store.appendTo("key", text)).isInstanceOf(CorruptBlobException.class);
        assertThat(text).hasToString("before");
    }

    // ---- text

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4096, 4097, 30_000, 300_000})
    void textComesBack(int length) throws IOException {
        String text = "aß€😀".repeat(length / 4) + "x".repeat(length % 4);
        store.put("key", bytes(text));

        assertThat(store.getString("key")).isEqualTo(text);
        StringBuilder target = new StringBuilder("before ");
        assertThat(store.appendTo("key", target)).isTrue();
        assertThat(target).hasToString("before " + text);
    }

    @Test
    void malformedTextIsRefusedAndNothingIsAppended() throws IOException {
        for (byte[] malformed : new byte[][] {{(byte) 0xc3}, {'a', (byte) 0xff, 'b'}, {(byte) 0xed, (byte) 0xa0, 0}}) {
            byte[] blob = new byte[10_000 + malformed.length];
            java.util.Arrays.fill(blob, (byte) 'x');
            System.arraycopy(malformed, 0, blob, 10_000, malformed.length);
            store.put("key", blob);
            StringBuilder target = new StringBuilder("before");

            assertThatThrownBy(() -> store.getString("key")).isInstanceOf(CharacterCodingException.class);
            assertThatThrownBy(() -> store.appendTo("key", target)).isInstanceOf(CharacterCodingException.class);
            assertThat(target).hasToString("before");
            store.put("key", bytes("good"));
            assertThat(store.getString("key")).isEqualTo("good");
        }
    }

    // ---- absent, null, closed

    @Test
    void absentKeyCallsNobodyAndChangesNothing() throws IOException {
        StringBuilder text = new StringBuilder("before");

        assertThat(store.get("absent", ByteBuffer.allocate(1), ByteBuffer::allocate))
                .isNull();
        String result = store.read("absent", buffer -> {
            throw new AssertionError("called");
        });
        assertThat(result).isNull();
        assertThat(store.getString("absent")).isNull();
        assertThat(store.appendTo("absent", text)).isFalse();
        assertThat(text).hasToString("before");
    }

    @Test
    void nullAndAClosedStoreAreRefused() throws IOException {
        store.put("key", bytes("x"));
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> store.get("key", null, ByteBuffer::allocate),
                () -> store.get("key", ByteBuffer.allocate(9), null),
                () -> store.get(null, ByteBuffer.allocate(9), ByteBuffer::allocate),
                () -> store.read("key", null),
                () -> store.read(null, buffer -> null),
                () -> store.getString(null),
                () -> store.appendTo("key", null))) {
            assertThat(catchThrowable(call)).isInstanceOf(NullPointerException.class);
        }
        store.close();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> store.get("key", ByteBuffer.allocate(9), ByteBuffer::allocate),
                () -> store.read("key", buffer -> null),
                () -> store.getString("key"),
                () -> store.appendTo("key", new StringBuilder()))) {
            assertThat(catchThrowable(call)).isInstanceOf(StoreClosedException.class);
        }
        open();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer buffer) {
        return StandardCharsets.UTF_8.decode(buffer).toString();
    }
}
