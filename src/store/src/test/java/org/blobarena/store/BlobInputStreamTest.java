package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs that are read bit by bit, or go to channels and files. */
class BlobInputStreamTest {

    private static final int BLOCK = 64 * 1024;
    private static final int[] LENGTHS = {0, 1, 4096, BLOCK, BLOCK + 1, 3 * BLOCK, 20 * BLOCK + 77, 40 * BLOCK};

    @TempDir
    Path temporary;

    private Path directory;
    private BlobStore<String> store;

    @BeforeEach
    void open() throws IOException {
        directory = temporary.resolve("store");
        store = TestStores.onHeap().arenaBytesMax(16 << 20).open(directory);
        for (int length : LENGTHS) {
            store.put("key " + length, blob(length));
        }
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void streamGivesTheBlobInReadsOfAnyLength() throws IOException {
        Random random = new Random(1);
        for (int length : LENGTHS) {
            byte[] expected = blob(length);
            try (BlobInputStream in = stream("key " + length)) {
                assertThat(in.length()).isEqualTo(length);
                byte[] found = new byte[length];
                int position = 0;
                while (position < length) {
                    assertThat(in.available()).isEqualTo(length - position);
                    switch (random.nextInt(3)) {
                        case 0 -> {
                            found[position] = (byte) in.read();
                            position++;
                        }
                        case 1 -> {
                            int skipped = (int) in.skip(random.nextInt(2000));
                            System.arraycopy(expected, position, found, position, skipped);
                            position += skipped;
                        }
                        default -> {
                            int wanted = Math.min(length - position, 1 + random.nextInt(3 * BLOCK));
                            position += in.read(found, position, wanted);
                        }
                    }
                }
                assertThat(found).isEqualTo(expected);
                assertThat(in.read()).isEqualTo(-1);
                assertThat(in.read(new byte[3])).isEqualTo(-1);
                assertThat(in.read(new byte[0])).isZero();
                assertThat(in.skip(5)).isZero();
            }
        }
    }

    @Test
    void restOfAStreamIsTransferred() throws IOException {
        for (int length : LENGTHS) {
            for (int skipped : new int[] {0, 1, length / 2, length}) {
                int start = Math.min(skipped, length);
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try (BlobInputStream in = stream("key " + length)) {
                    in.skipNBytes(start);
                    assertThat(in.transferTo(out)).isEqualTo(length - start);
                }
                assertThat(out.toByteArray()).isEqualTo(Arrays.copyOfRange(blob(length), start, length));
            }
        }
    }

    @Test
    void streamGivesTheBlobThatWasThereWhenItWasOpened() throws IOException {
        try (BlobInputStream overwritten = stream("key " + BLOCK);
                BlobInputStream removed = stream("key " + 3 * BLOCK)) {
            store.put("key " + BLOCK, new byte[5]);
            store.remove("key " + 3 * BLOCK);

            assertThat(overwritten.readAllBytes()).isEqualTo(blob(BLOCK));
            assertThat(removed.readAllBytes()).isEqualTo(blob(3 * BLOCK));
        }
    }

    @Test
    void absentKeyHasNoStreamAndNothingIsTransferred() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThat(store.openStream("absent")).isNull();
        assertThat(store.transferTo("absent", Channels.newChannel(out))).isEmpty();
        assertThat(store.get("absent", temporary.resolve("file"))).isEmpty();
        assertThat(out.size()).isZero();
        assertThat(temporary.resolve("file")).doesNotExist();
    }

    @Test
    void readsAfterACloseOfStreamOrStoreAreRefused() throws IOException {
        BlobInputStream closed = stream("key 4096");
        BlobInputStream open = stream("key " + 3 * BLOCK);
        closed.close();
        closed.close();
        assertThatThrownBy(closed::read).isInstanceOf(IOException.class);

        store.close();

        assertThatThrownBy(open::read).isInstanceOf(IOException.class).hasCauseInstanceOf(StoreClosedException.class);
        open.close();
    }

    @Test
    void streamKeepsItsFileThroughACompactionUntilItIsClosed() throws IOException {
        String key = "key " + 3 * BLOCK;
        byte[] blob = Objects.requireNonNull(store.get(key));
        BlobInputStream in = stream(key);
        store.put(key, new byte[1]);
        store.compact();
        List<Path> pinned = TestStores.arenas(directory);

        assertThat(in.readAllBytes()).isEqualTo(blob);
        in.close();

        assertThat(TestStores.arenas(directory)).isNotEmpty().hasSizeLessThan(pinned.size());
        assertThat(store.get(key)).containsExactly(0);
    }

    @Test
    void blobsGoToEveryKindOfChannel() throws Exception {
        for (int length : LENGTHS) {
            String key = "key " + length;
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThat(store.transferTo(key, Channels.newChannel(out))).hasValue(length);
            assertThat(out.toByteArray()).isEqualTo(blob(length));

            Path file = temporary.resolve("file");
            try (FileChannel target = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                target.position(3);
                assertThat(store.transferTo(key, target)).hasValue(length);
            }
            byte[] written = Files.readAllBytes(file);
            assertThat(Arrays.copyOfRange(written, Math.min(3, written.length), written.length))
                    .isEqualTo(blob(length));
            Files.delete(file);

            assertThat(throughPipe(key)).isEqualTo(blob(length));
        }
    }

    @Test
    void blobThatIsStillInTheBufferIsTransferred() throws IOException {
        store.withDurability(Durability.BUFFERED).put("key", blob(1000));
        Path file = temporary.resolve("file");
        try (FileChannel target = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(store.transferTo("key", target)).hasValue(1000);
        }
        assertThat(file).hasBinaryContent(blob(1000));
    }

    @Test
    void channelThatDoesNotBlockIsRefused() throws IOException {
        Pipe pipe = Pipe.open();
        try (WritableByteChannel sink = pipe.sink()) {
            pipe.sink().configureBlocking(false);
            assertThatThrownBy(() -> store.transferTo("key 1", sink)).isInstanceOf(IllegalBlockingModeException.class);
        } finally {
            pipe.source().close();
        }
    }

    @Test
    void fileIsReplacedAsAWholeOrNotAtAll() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "old");
        for (int length : LENGTHS) {
            assertThat(store.get("key " + length, file)).hasValue(length);
            assertThat(file).hasBinaryContent(blob(length));
        }
        Files.writeString(file, "old");
        flipLastByteOf("key " + 40 * BLOCK);

        assertThatThrownBy(() -> store.get("key " + 40 * BLOCK, file)).isInstanceOf(CorruptBlobException.class);
        assertThat(file).hasContent("old");
        try (var files = Files.list(temporary)) {
            assertThat(files).containsExactlyInAnyOrder(file, directory);
        }
    }

    @Test
    void damageIsFoundBeforeItsBytesAreGivenOut() throws IOException {
        flipLastByteOf("key " + 40 * BLOCK);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (BlobInputStream in = stream("key " + 40 * BLOCK)) {
            assertThatThrownBy(() -> in.transferTo(out)).isInstanceOf(CorruptBlobException.class);
        }
        assertThat(out.size()).isEqualTo(39 * BLOCK);

        Path file = temporary.resolve("file");
        try (FileChannel target = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> store.transferTo("key " + 40 * BLOCK, target))
                    .isInstanceOf(CorruptBlobException.class);
            assertThat(target.size()).isEqualTo(39 * BLOCK);
        }
    }

    private BlobInputStream stream(String key) throws IOException {
        return Objects.requireNonNull(store.openStream(key));
    }

    private byte[] throughPipe(String key) throws Exception {
        Pipe pipe = Pipe.open();
        FutureTask<byte[]> reader =
                new FutureTask<>(() -> Channels.newInputStream(pipe.source()).readAllBytes());
        new Thread(reader).start();
        try (WritableByteChannel sink = pipe.sink()) {
            store.transferTo(key, sink);
        }
        byte[] found = reader.get();
        pipe.source().close();
        return found;
    }

    /** Of the blob that was put last, which has 40 blocks. */
    private void flipLastByteOf(String key) throws IOException {
        assertThat(store.contains(key)).isTrue();
        try (FileChannel file = FileChannel.open(
                TestStores.arenas(directory).get(0), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long at = file.size() - 40 * 4 - 1;
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, at);
            file.write(one.put(0, (byte) (one.get(0) ^ 1)).flip(), at);
        }
    }

    private static byte[] blob(int length) {
        return TestStores.blob(length, 1);
    }
}
