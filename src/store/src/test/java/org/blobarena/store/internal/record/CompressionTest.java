package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.blobarena.format.CompressedTable;
import org.blobarena.format.FileNames;
import org.blobarena.format.FormatException;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.SpecifiedChecksums;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.DurabilityTest;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.internal.recovery.StoreRepair;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs that are compressed, among others that are not. Of streams, 4,000 bytes are kept in memory here. */
class CompressionTest {

    private static final int BLOCK = 64 * 1024;
    private static final int MEMORY = 4000;
    private static final long LIMIT = 4 << 20;
    private static final int RECORD = 64;
    private static final int PAYLOAD = RECORD + 32 + "key".length();
    private static final int[] LENGTHS = {0, 1, 100, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, (1 << 20) + 77};

    /** What blobs are made of. */
    enum Content {
        TEXT,
        RANDOM,
        MIXED;

        byte[] blob(int length) {
            byte[] blob = TestStores.blob(length, length);
            Random random = new Random(length);
            for (int i = 0; i < length; i++) {
                boolean text = this == TEXT || (this == MIXED && i / BLOCK % 2 == 0);
                if (text) {
                    blob[i] = (byte) ('a' + random.nextInt(3));
                }
            }
            return blob;
        }
    }

    @TempDir
    Path temporary;

    private Path directory;
    private BlobStore<String> store;

    @BeforeEach
    void open() throws IOException {
        directory = temporary.resolve("store");
        store = builder().open(directory);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private static BlobStoreBuilder<String> builder() {
        return StoreAccess.streamMemoryBytes(
                        TestStores.onHeap(HeapLocationIndexFactory.forgetting()).arenaBytesMax(LIMIT), MEMORY)
                .compression(Compression.ZSTD);
    }

    private static byte[] text(int length) {
        return Content.TEXT.blob(length);
    }

    // ---- there and back

    @ParameterizedTest
    @EnumSource
    void blobsOfAnyLengthComeBackInEveryWay(Content content) throws IOException {
        Map<String, byte[]> model = new TreeMap<>();
        for (int length : LENGTHS) {
            byte[] blob = content.blob(length);
            store.put("array " + length, blob);
            store.put("stream " + length, new ByteArrayInputStream(blob));
            store.put("file " + length, Files.write(temporary.resolve("in"), blob));
            store.withCompression(Compression.NONE).put("plain " + length, blob);
            for (String how : List.of("array ", "stream ", "file ", "plain ")) {
                model.put(how + length, blob);
            }
        }
        check(model);
        StoreAccess.crash(store);
        open();
        check(model);
        store.close();
        open();
        check(model);
        for (int length : LENGTHS) {
            store.remove("plain " + length);
            store.put("array " + length, new byte[0]);
            model.remove("plain " + length);
            model.put("array " + length, new byte[0]);
        }
        store.compact();
        check(model);
        Path snapshot = temporary.resolve("snapshot");
        store.snapshot(snapshot);
        store.close();
        store = builder().compression(Compression.NONE).open(snapshot);
        check(model);
    }

    private void check(Map<String, byte[]> model) throws IOException {
        assertThat(store.stats().opening().damage()).isEmpty();
        assertThat(store.verify().damage()).isEmpty();
        Map<String, ByteBuffer> visited = TestStores.content(store);
        assertThat(visited).hasSize(model.size());
        for (Map.Entry<String, byte[]> entry : model.entrySet()) {
            String key = entry.getKey();
            byte[] blob = entry.getValue();
            assertThat(visited.get(key)).as(key).isEqualTo(ByteBuffer.wrap(blob));
            assertThat(store.get(key)).as(key).isEqualTo(blob);
            assertThat(store.sizeOf(key)).as(key).hasValue(blob.length);
            checkBuffer(key, blob);
            checkStreams(key, blob);
            checkRanges(key, blob);
        }
    }

    private void checkBuffer(String key, byte[] blob) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(blob.length + 7).position(5);
        assertThat(store.get(key, target)).hasValue(blob.length);
        assertThat(target.flip().position(5)).isEqualTo(ByteBuffer.wrap(blob));
        if (blob.length > 0) {
            ByteBuffer small = ByteBuffer.allocate(blob.length + 1).position(2);
            assertThatThrownBy(() -> store.get(key, small)).isInstanceOf(BufferOverflowException.class);
            assertThat(small.position()).isEqualTo(2);
        }
    }

    private void checkStreams(String key, byte[] blob) throws IOException {
        try (BlobInputStream in = store.openStream(key)) {
            assertThat(in.length()).isEqualTo(blob.length);
            assertThat(in.readAllBytes()).isEqualTo(blob);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(store.transferTo(key, Channels.newChannel(out))).hasValue(blob.length);
        assertThat(out.toByteArray()).isEqualTo(blob);
        Path file = temporary.resolve("out");
        assertThat(store.get(key, file)).hasValue(blob.length);
        assertThat(file).hasBinaryContent(blob);
    }

    private void checkRanges(String key, byte[] blob) throws IOException {
        Random random = new Random(blob.length);
        for (int i = 0; i < 20; i++) {
            int from = random.nextInt(blob.length + 1);
            ByteBuffer part = ByteBuffer.allocate(random.nextInt(2 * BLOCK));
            int count = Math.min(part.capacity(), blob.length - from);
            assertThat(store.read(key, from, part)).hasValue(count);
            assertThat(part.flip()).isEqualTo(ByteBuffer.wrap(blob, from, count));
        }
    }

    // ---- what is stored

    @Test
    void blobThatGetsShorterTakesLessSpace() throws IOException {
        store.put("array", text(15_000));
        store.put("stream", new ByteArrayInputStream(text(1_000_000)));

        assertThat(store.stats().liveBytes()).isLessThan(300_000);
        assertThat(compressedRecords()).isEqualTo(2);
    }

    @Test
    void blobThatDoesNotIsStoredPlain() throws IOException {
        for (int length : new int[] {5, 15_000}) {
            store.put("array " + length, Content.RANDOM.blob(length));
        }
        for (int length : new int[] {MEMORY + 1, BLOCK, 3 * BLOCK + 1}) {
            store.put("stream " + length, new ByteArrayInputStream(Content.RANDOM.blob(length)));
        }
        assertThat(compressedRecords()).isZero();
        byte[] compressed = Files.readAllBytes(TestStores.arenas(directory).get(0));
        store.close();
        Path other = temporary.resolve("plain");
        store = builder().compression(Compression.NONE).open(other);
        for (int length : new int[] {5, 15_000}) {
            store.put("array " + length, Content.RANDOM.blob(length));
        }
        assertThat(Files.readAllBytes(TestStores.arenas(other).get(0))).hasSameSizeAs(compressed);
    }

    @Test
    void choiceOfAViewIsItsOwn() throws IOException {
        store.withCompression(Compression.NONE).put("plain", text(10_000));
        assertThat(compressedRecords()).isZero();
        store.withCompression(Compression.NONE)
                .withCompression(Compression.ZSTD)
                .withDurability(Durability.BUFFERED)
                .put("compressed", text(10_000));
        assertThat(compressedRecords()).isEqualTo(1);
        assertThat(store.putIfAbsent("compressed", text(20_000))).isFalse();
        assertThat(store.putIfAbsent("third", text(20_000))).isTrue();
        assertThat(compressedRecords()).isEqualTo(2);
        assertThat(store.withCompression(Compression.NONE).get("third")).isEqualTo(text(20_000));
    }

    @Test
    void closeOfAViewIsThatOfTheStore() throws IOException {
        BlobStore<String> view = store.withCompression(Compression.NONE).withDurability(Durability.FORCED);
        view.close();

        assertThatThrownBy(() -> store.get("key")).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> store.withCompression(Compression.ZSTD)).isInstanceOf(StoreClosedException.class);
    }

    @Test
    void sizeOfPlainBlobsNeedsNoReadAndOfOthersDoes() throws IOException {
        store.withCompression(Compression.NONE).put("key", text(10_000));
        flip(RECORD + 10);
        assertThat(store.sizeOf("key")).hasValue(10_000);

        store.put("other", text(10_000));
        assertThat(store.sizeOf("other")).hasValue(10_000);
        assertThatThrownBy(() -> store.sizeOf("key")).isInstanceOf(CorruptBlobException.class);
        assertThat(store.contains("key")).isTrue();
    }

    @Test
    void countOfCompressedRecordsSurvivesClosesCrashesAndCompaction() throws IOException {
        for (int i = 0; i < 40; i++) {
            store.withCompression(i % 2 == 0 ? Compression.ZSTD : Compression.NONE)
                    .put("key" + i, text(5_000 + i));
        }
        assertThat(compressedRecords()).isEqualTo(20);
        StoreAccess.crash(store);
        open();
        assertThat(compressedRecords()).isEqualTo(20);
        store.close();
        open();
        assertThat(compressedRecords()).isEqualTo(20);
        for (int i = 0; i < 10; i++) {
            store.remove("key" + i);
        }
        store.compact();
        assertThat(compressedRecords()).isEqualTo(15);
        store.close();
        open();
        assertThat(compressedRecords()).isEqualTo(15);
    }

    private long compressedRecords() {
        return store.fileStats().stream()
                .mapToLong(file ->
                        FileNames.arenaId(file.file().getFileName().toString()).orElseThrow())
                .map(id -> StoreAccess.engine(store).file(id).content().compressedRecords())
                .sum();
    }

    @Test
    void manyThreadsCompressAndReadAtOnce() throws Exception {
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int thread = 0; thread < 12; thread++) {
            String key = "key" + thread;
            int length = 3000 * (thread + 1);
            tasks.add(() -> {
                for (int i = 0; i < 20; i++) {
                    byte[] blob = text(length + i);
                    store.put(key, blob);
                    assertThat(store.get(key)).isEqualTo(blob);
                }
                return null;
            });
        }
        DurabilityTest.inParallel(tasks);
        assertThat(store.verify().damage()).isEmpty();
    }

    // ---- limits

    @Test
    void limitOfABlobIsThatOfOneThatIsNotCompressed() throws IOException {
        int limit = (int) LIMIT - 288 - 3 - 4 * 64;

        store.put("key", new byte[limit]);
        store.put("key", new ByteArrayInputStream(new byte[limit]));
        assertThat(store.get("key")).isEqualTo(new byte[limit]);
        assertThatThrownBy(() -> store.put("key", new byte[limit + 1])).isInstanceOf(BlobTooLargeException.class);
        assertThatThrownBy(() -> store.put("key", new ByteArrayInputStream(new byte[limit + 1])))
                .isInstanceOf(BlobTooLargeException.class)
                .hasMessageContaining("at most " + limit);
        assertThat(store.get("key")).isEqualTo(new byte[limit]);
    }

    /** Its first block gets shorter by less than the longer table takes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void longestBlobThatHardlyGetsShorterIsStoredPlain(boolean behindOthers) throws IOException {
        byte[] blob = TestStores.blob((int) LIMIT - 288 - 3 - 4 * 64, 1);
        Arrays.fill(blob, 100, 170, (byte) 7);
        if (behindOthers) {
            store.put("other", new ByteArrayInputStream(text(BLOCK)));
        }

        store.put("key", new ByteArrayInputStream(blob));

        assertThat(store.get("key")).isEqualTo(blob);
        assertThat(compressedRecords()).isEqualTo(behindOthers ? 1 : 0);
        assertThat(store.verify().damage()).isEmpty();
        StoreAccess.crash(store);
        open();
        assertThat(store.stats().opening().tornBytes()).isZero();
        assertThat(store.get("key")).isEqualTo(blob);
    }

    @Test
    void streamMovesToAnotherFileWithItsCompressedBlocks() throws IOException {
        store.put("other", new ByteArrayInputStream(Content.RANDOM.blob(600_000)));
        byte[] blob = new byte[4_000_000];
        byte[] mixed = Content.MIXED.blob(3_900_000);
        System.arraycopy(mixed, 0, blob, 0, mixed.length);
        byte[] rest = TestStores.blob(blob.length - 1_000_000, 1);
        System.arraycopy(rest, 0, blob, 1_000_000, rest.length);

        store.put("key", new ByteArrayInputStream(blob));

        assertThat(store.get("key")).isEqualTo(blob);
        assertThat(compressedRecords()).isEqualTo(1);
        assertThat(store.verify().damage()).isEmpty();
        assertThat(store.fileStats()).hasSize(2);
    }

    // ---- damage

    @Test
    void damagedBlockIsAnExceptionForRangesThatTouchItAndNoOthers() throws IOException {
        byte[] blob = text(3 * BLOCK);
        store.put("key", new ByteArrayInputStream(blob));
        store.put("other", new ByteArrayInputStream(blob));
        int stored = storedBytes(0);
        flip(PAYLOAD + stored + 5);
        ByteBuffer target = ByteBuffer.allocate(BLOCK);

        assertThat(store.read("key", 0, target)).hasValue(BLOCK);
        assertThat(target.array()).isEqualTo(Arrays.copyOf(blob, BLOCK));
        assertThat(store.read("key", 2L * BLOCK, target.clear())).hasValue(BLOCK);
        target.clear();
        assertThatThrownBy(() -> store.read("key", BLOCK - 1L, target))
                .isInstanceOf(CorruptBlobException.class)
                .hasMessageContaining("stored block 1");
        assertThat(target.position()).isZero();
        assertThatThrownBy(() -> store.get("key")).isInstanceOf(CorruptBlobException.class);
        assertThat(store.sizeOf("key")).hasValue(blob.length);
        assertThat(store.get("other")).isEqualTo(blob);
        assertThat(store.verify().damage()).first().asString().contains("stored block 1");
    }

    @Test
    void repairKeepsCompressedBlobsAndListsTheDamagedOne() throws IOException {
        store.put("key", text(15_000));
        store.put("other", text(15_000));
        store.put("plain", Content.RANDOM.blob(15_000));
        store.close();
        flip(PAYLOAD + 5);
        StoreEnvironment environment =
                new StoreEnvironment(StoreOpener::openDirectory, HeapLocationIndexFactory.forgetting());

        RepairReport report = new StoreRepair(environment).repair(directory);

        assertThat(report.isLossless()).isFalse();
        open();
        assertThat(store.get("key")).isNull();
        assertThat(store.get("other")).isEqualTo(text(15_000));
        assertThat(store.sizeOf("other")).hasValue(15_000);
        assertThat(store.sizeOf("plain")).hasValue(15_000);
        assertThat(compressedRecords()).isEqualTo(1);
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void everyFlippedByteOfACompressedRecordIsFound() throws IOException {
        byte[] blob = Content.MIXED.blob(BLOCK + 300);
        Arrays.fill(blob, 0, BLOCK, (byte) 'a');
        store.put("key", blob);
        Path arena = TestStores.arenas(directory).get(0);
        int end = (int) Files.size(arena);
        assertThat(end).isLessThan(1000);
        ByteBuffer part = ByteBuffer.allocate(10);
        for (int at = RECORD; at < end; at++) {
            flip(at);
            assertThatThrownBy(() -> store.get("key")).isInstanceOf(CorruptBlobException.class);
            boolean inSecondBlock = at >= PAYLOAD + storedBytesOfFirst(end) && at < end - 24;
            if (inSecondBlock) {
                assertThat(store.read("key", 0, part.clear())).hasValue(10);
            } else {
                assertThatThrownBy(() -> store.read("key", 0, part.clear())).isInstanceOf(CorruptBlobException.class);
            }
            assertThat(store.verify().damage()).as("byte %d", at).isNotEmpty();
            flip(at);
        }
        assertThat(store.get("key")).isEqualTo(blob);
    }

    private int storedBytesOfFirst(int end) {
        return end - PAYLOAD - 24 - 300;
    }

    /** Under right checksums, which nobody but a forger can make. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2L * BLOCK + 1, 0xFFFF_FFFFL, 0x1_0000_0000L, -1, Long.MAX_VALUE})
    void forgedLengthOfABlobIsDamageAndTakesNoMemory(long blobBytes) throws IOException {
        store.put("key", text(100_000));
        forge(payload -> payload.putLong(payload.limit() - 8, blobBytes));

        checkForged();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 17, BLOCK, BLOCK + 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void forgedLengthOfABlockIsDamageAndTakesNoMemory(int storedBytes) throws IOException {
        store.put("key", text(100_000));
        forge(payload -> payload.putInt(payload.limit() - 24, storedBytes));

        checkForged();
    }

    /** The frame is one, but of another length. */
    @Test
    void frameOfAnotherLengthIsDamage() throws IOException {
        store.put("key", text(10_000));
        forge(payload -> payload.putLong(payload.limit() - 8, 10_001));
        assertThatThrownBy(() -> store.get("key"))
                .isInstanceOf(CorruptBlobException.class)
                .hasMessageContaining("decompressed");

        forge(payload -> payload.putLong(payload.limit() - 8, 9_999));
        assertThatThrownBy(() -> store.get("key")).isInstanceOf(CorruptBlobException.class);
    }

    @Test
    void blockThatIsNoFrameIsDamage() throws IOException {
        store.put("key", text(10_000));
        forge(payload -> {
            payload.put(0, (byte) 0);
            int stored = payload.limit() - 16;
            payload.putInt(stored + 4, SpecifiedChecksums.of(payload, 0, stored));
        });
        assertThatThrownBy(() -> store.get("key"))
                .isInstanceOf(CorruptBlobException.class)
                .hasMessageContaining("compressed block");
    }

    /** A decoder of zstd takes what is there as one content, or passes over it. */
    @Test
    void anythingBehindTheFrameOfABlockIsDamage() throws Exception {
        byte[] block = text(10_000);
        byte[] frame = Zstd.compress(block);
        byte[] emptyFrame = Zstd.compress(new byte[0]);
        byte[] skippableFrame = {0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0};
        try (BlockCodec codec = new BlockCodec()) {
            ByteBuffer target = ByteBuffer.allocateDirect(block.length);
            codec.decompress(direct(frame), target);
            assertThat(target).isEqualTo(ByteBuffer.wrap(block));
            for (byte[] tail : List.of(new byte[1], emptyFrame, skippableFrame)) {
                assertThatThrownBy(() -> codec.decompress(direct(frame, tail), target))
                        .isInstanceOf(FormatException.class);
                assertThatThrownBy(() -> codec.decompress(direct(tail, frame), target))
                        .isInstanceOf(FormatException.class);
            }
        }
    }

    private static ByteBuffer direct(byte[]... parts) {
        int bytes = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteBuffer joined = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] part : parts) {
            joined.put(part);
        }
        return joined.flip();
    }

    private void checkForged() throws IOException {
        assertThatThrownBy(() -> store.get("key")).isInstanceOf(CorruptBlobException.class);
        assertThatThrownBy(() -> store.openStream("key")).isInstanceOf(CorruptBlobException.class);
        assertThatThrownBy(() -> store.sizeOf("key")).isInstanceOf(CorruptBlobException.class);
        assertThat(store.verify().damage()).isNotEmpty();
        StoreAccess.crash(store);
        open();
        store.put("next", text(10));
        assertThat(store.get("next")).isEqualTo(text(10));
    }

    /** Changes the payload of the only record, and puts the checksums of table and header right. */
    private void forge(Consumer<ByteBuffer> change) throws IOException {
        Path arena = TestStores.arenas(directory).get(0);
        byte[] bytes = Files.readAllBytes(arena);
        ByteBuffer payload =
                ByteBuffer.wrap(bytes, PAYLOAD, bytes.length - PAYLOAD).slice().order(ByteOrder.LITTLE_ENDIAN);
        long blobBytes = payload.getLong(payload.limit() - CompressedTable.END_BYTES);
        change.accept(payload);
        long forgedBytes = payload.getLong(payload.limit() - CompressedTable.END_BYTES);
        boolean sameTable = CompressedTable.bytes(forgedBytes) == CompressedTable.bytes(blobBytes);
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long tableBytes = sameTable || forgedBytes < 1 || CompressedTable.bytes(forgedBytes) > payload.limit()
                ? CompressedTable.bytes(blobBytes)
                : CompressedTable.bytes(forgedBytes);
        file.putInt(RECORD + 20, SpecifiedChecksums.of(payload, payload.limit() - (int) tableBytes, payload.limit()));
        int salt = file.getInt(RECORD + RecordHeader.SALT_OFFSET);
        file.putInt(
                RECORD,
                SpecifiedChecksums.ofRecord(file, RECORD, "key".length(), new RecordHeader.Place(1, RECORD, salt)));
        try (FileChannel channel = FileChannel.open(arena, StandardOpenOption.WRITE)) {
            channel.write(file, 0);
        }
    }

    private int storedBytes(int block) throws IOException {
        StoreFile file = StoreAccess.engine(store).file(1);
        ByteBuffer header = ByteBuffer.allocate(RecordHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.arena().read(header, RECORD);
        RecordHeader read = new RecordHeader();
        read.decode(header.flip(), 0);
        ByteBuffer end = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        long recordEnd = RECORD + read.recordLength();
        file.arena().read(end, recordEnd - 8);
        ByteBuffer row = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        file.arena().read(row, recordEnd - CompressedTable.bytes(end.getLong(0)) + 8L * block);
        return row.getInt(0);
    }

    private void flip(long at) throws IOException {
        try (FileChannel file = FileChannel.open(
                TestStores.arenas(directory).get(0), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, at);
            file.write(one.put(0, (byte) (one.get(0) ^ 0x10)).flip(), at);
        }
    }
}
