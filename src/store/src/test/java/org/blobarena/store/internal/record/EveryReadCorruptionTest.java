package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A changed byte of a blob of any layout is found by whatever reads it, and who has failed keeps no file from being deleted. */
class EveryReadCorruptionTest {

    private static final int ARENA_HEADER = 64;
    private static final int HEADER_AND_KEY = 32 + "key".length();
    private static final int PART = 20;

    @TempDir
    Path temporary;

    private BlobStore<String> store;

    /**
     * A layout.
     *
     * @param length of the blob
     * @param storedBytes of it and its table
     */
    private record Layout(String name, Compression compression, int length, int storedBytes) {

        byte[] blob() {
            return compression == Compression.NONE ? TestStores.blob(length, 3) : halfOfIt(TestStores.blob(length, 3));
        }

        private static byte[] halfOfIt(byte[] blob) {
            for (int i = 0; i < blob.length; i++) {
                blob[i] &= 1;
            }
            return blob;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Layout> layouts() {
        return Stream.of(
                new Layout("short", Compression.NONE, 1000, 1000),
                new Layout("one block", Compression.NONE, 65_536, 65_536),
                new Layout("two blocks", Compression.NONE, 65_600, 65_608),
                new Layout("compressed", Compression.ZSTD, 3000, 0),
                new Layout("compressed blocks", Compression.ZSTD, 150_000, 0));
    }

    @BeforeEach
    void open() throws IOException {
        store = TestStores.onHeap().arenaBytesMax(1 << 20).open(temporary.resolve("store"));
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void changedByteIsFoundByEveryWayOfReading(Layout layout) throws IOException {
        store.withCompression(layout.compression).put("key", layout.blob());
        store.force();
        Path arena = TestStores.arenas(temporary.resolve("store")).get(0);
        try (FileChannel file = FileChannel.open(arena, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long end = file.size();
            if (layout.compression == Compression.NONE) {
                assertThat(end).isEqualTo(ARENA_HEADER + HEADER_AND_KEY + layout.storedBytes);
            }
            int payload = ARENA_HEADER + HEADER_AND_KEY;
            for (long at : new long[] {ARENA_HEADER, ARENA_HEADER + 20, payload - 1, payload, payload + 500, end - 1}) {
                flip(file, at);
                for (Map.Entry<String, ThrowingCallable> read :
                        readsOfAll(layout).entrySet()) {
                    assertThatThrownBy(read.getValue())
                            .as("byte %d by %s", at, read.getKey())
                            .satisfies(EveryReadCorruptionTest::isDamage);
                }
                flip(file, at);
            }
        }
        assertThat(store.get("key")).isEqualTo(layout.blob());
        assertThat(temporary.resolve("file")).doesNotExist();
        requireGoneOnceReplaced(arena);
    }

    /** Of what the table does not vouch for alone, the part that has the changed byte. */
    @ParameterizedTest
    @MethodSource("layouts")
    void changedByteIsFoundByWhateverReadsAPartWithIt(Layout layout) throws IOException {
        store.withCompression(layout.compression).put("key", layout.blob());
        store.force();
        Path arena = TestStores.arenas(temporary.resolve("store")).get(0);
        try (FileChannel file = FileChannel.open(arena, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            flip(file, ARENA_HEADER + HEADER_AND_KEY + 30); // In the first block, whatever it is stored as.
            for (long offset : new long[] {0, 25, 900}) {
                assertThatThrownBy(() -> store.read("key", offset, ByteBuffer.allocate(PART)))
                        .isInstanceOf(CorruptBlobException.class);
                assertThatThrownBy(() -> readAt(offset)).isInstanceOf(CorruptBlobException.class);
            }
            flip(file, ARENA_HEADER + HEADER_AND_KEY + 30);
        }
        requireGoneOnceReplaced(arena);
    }

    private Map<String, ThrowingCallable> readsOfAll(Layout layout) {
        Map<String, ThrowingCallable> reads = new LinkedHashMap<>();
        reads.put("get", () -> store.get("key"));
        reads.put("get into a buffer", () -> store.get("key", ByteBuffer.allocate(layout.length)));
        reads.put("get with an allocator", () -> store.get("key", ByteBuffer.allocate(0), ByteBuffer::allocate));
        reads.put("get into a file", () -> store.get("key", temporary.resolve("file")));
        reads.put("getAll", () -> store.getAll(List.of("key")));
        reads.put("getString", () -> store.getString("key"));
        reads.put("read in place", () -> store.read("key", ByteBuffer::remaining));
        reads.put("read of all", () -> store.read("key", 0, ByteBuffer.allocate(layout.length)));
        reads.put("stream", this::readStream);
        reads.put("transferTo", () -> store.transferTo("key", Channels.newChannel(new ByteArrayOutputStream())));
        reads.put("forEach", () -> store.forEach((key, blob) -> {}));
        reads.put("get of the map", () -> store.asMap().get("key"));
        reads.put(
                "entries of the map", () -> store.asMap().entrySet().iterator().next());
        reads.put("compute", () -> store.asMap().compute("key", (key, blob) -> blob));
        reads.put("removeIfEqual", () -> store.removeIfEqual("key", new byte[0]));
        return reads;
    }

    private void readStream() throws IOException {
        try (InputStream in = store.openStream("key")) {
            assertThat(in).isNotNull();
            in.readAllBytes();
        }
    }

    private void readAt(long offset) throws IOException {
        try (InputStream in = store.openStream("key")) {
            assertThat(in).isNotNull();
            in.skipNBytes(offset);
            in.readNBytes(PART);
        }
    }

    private static void isDamage(Throwable failure) {
        Throwable damage = failure instanceof UncheckedIOException ? failure.getCause() : failure;
        assertThat(damage).isInstanceOf(CorruptBlobException.class);
        assertThat(((CorruptBlobException) damage).offset()).isEqualTo(ARENA_HEADER);
    }

    /** Nobody has a pin on the file. */
    private void requireGoneOnceReplaced(Path arena) throws IOException {
        store.put("key", new byte[10]);
        store.compact();
        assertThat(arena).doesNotExist();
        assertThat(store.verify().damage()).isEmpty();
    }

    private static void flip(FileChannel file, long at) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        file.read(one, at);
        file.write(one.put(0, (byte) (one.get(0) ^ 0x40)).flip(), at);
    }
}
