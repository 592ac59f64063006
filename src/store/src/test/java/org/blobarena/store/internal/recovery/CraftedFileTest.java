package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.blobarena.arena.Location;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.Checksums;
import org.blobarena.format.CleanMark;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files whose every checksum is right and whose numbers are not: lengths, counts and places that lead nowhere, or would
 * take all memory. Shows invariant 7 of store-format.md.
 */
class CraftedFileTest {

    private static final StoreIdentity IDENTITY = new StoreIdentity(new UUID(1, 2), 0x5eed);
    private static final KeyHasher HASHER = new KeyHasher(IDENTITY);
    private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);
    private static final int COUNT_OFFSET = 8;

    @TempDir
    Path temporary;

    private final ByteArrayOutputStream file = new ByteArrayOutputStream();
    private Path directory;

    @BeforeEach
    void makeIdentity() throws IOException {
        directory = Files.createDirectory(temporary.resolve("store"));
        Files.write(directory.resolve("STORE"), IDENTITY.encodeFile().array());
        file.write(new ArenaHeader(1, IDENTITY.storeId(), 1).encode().array());
    }

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap().open(directory);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL})
    void recordWithAPayloadBeyondItsFileIsNoRecord(long payloadLength) throws IOException {
        value(new byte[10]);
        record(RecordType.VALUE, new byte[0], payloadLength);
        write();

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().tornBytes()).isEqualTo(RecordHeader.BYTES + KEY.length);
            assertThat(store.get("key")).hasSize(10);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x8000_0000, 0x7fff_ffff, 4097, 2, 0, -1})
    void indexBlockWithAnotherCountIsDamageAndTheRecordsAreReadInstead(int count) throws IOException {
        IndexBlock.Entry entry = value(new byte[10]);
        ByteBuffer block = block(entry, new Location(1, 0, 0));
        block.putInt(COUNT_OFFSET, count);
        seal(block, null);
        write();

        checkReadRecordByRecord();
    }

    @Test
    void indexBlockThatPointsBackAtItselfEndsAndIsDamage() throws IOException {
        IndexBlock.Entry entry = value(new byte[10]);
        int blockBytes = RecordHeader.BYTES + IndexBlock.payloadBytes(1, false);
        seal(block(entry, new Location(1, file.size(), blockBytes)), null);
        write();

        checkReadRecordByRecord();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 31, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL})
    void footerWithABlockThatIsNoneIsDamageAndTheRecordsAreReadInstead(long length) throws IOException {
        IndexBlock.Entry entry = value(new byte[10]);
        seal(
                block(entry, new Location(1, 0, 0)),
                new Location(1, length == 0 ? 0xffff_ffffL : 70, Math.max(1, length)));
        write();

        checkReadRecordByRecord();
    }

    private void checkReadRecordByRecord() throws IOException {
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damageCount()).isPositive();
            assertThat(store.get("key")).hasSize(10);
            assertThat(store.verify().isIntact()).isFalse();
            StoreAccess.crash(store);
        }
        StoreEnvironment environment =
                new StoreEnvironment(StoreOpener::openDirectory, HeapLocationIndexFactory.forgetting());
        assertThat(new StoreRepair(environment).repair(directory).isLossless()).isTrue();
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.get("key")).hasSize(10);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    @Test
    void listedPlaceOutsideItsFileIsAnExceptionForItsKey() throws IOException {
        IndexBlock.Entry entry = value(new byte[10]);
        for (long offset : new long[] {0, 64, 0x7fff_ffffL, 0xffff_ffffL}) {
            for (long length : new long[] {0, 1, 31, 32, 0x7fff_ffffL, 0xffff_ffffL}) {
                file.reset();
                file.write(new ArenaHeader(1, IDENTITY.storeId(), 1).encode().array());
                value(new byte[10]);
                IndexBlock.Entry elsewhere = new IndexBlock.Entry(
                        entry.hashHigh(), entry.hashLow(), entry.type(), entry.sequence(), offset, length);
                seal(block(elsewhere, new Location(1, 0, 0)), null);
                write();
                try (BlobStore<String> store = open()) {
                    assertThatThrownBy(() -> store.get("key")).isInstanceOf(CorruptBlobException.class);
                    assertThat(store.get("other")).isNull();
                    StoreAccess.crash(store);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1_000_000, 2, 0})
    void markWithAnotherNumberOfFilesIsNone(int count) throws IOException {
        closeCleanly();
        rewriteMark(bytes -> bytes.putInt(44, count));
        checkRebuilt();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 65})
    void markWithALongIndexNameIsNone(int length) throws IOException {
        closeCleanly();
        rewriteMark(bytes -> bytes.putInt(56, length));
        checkRebuilt();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../victim", "sub/victim", "/etc/passwd", "..", ".", "", "../index-0000000000000001.map", "STORE"
            })
    void indexNameThatLeadsElsewhereIsNotFollowed(String name) throws IOException {
        closeCleanly();
        Path victim = Files.write(temporary.resolve("victim"), TestStores.blob(5000, 1));
        Path map = Files.write(temporary.resolve("index-0000000000000001.map"), TestStores.blob(5000, 2));
        CleanMark mark = mark();
        Files.write(
                directory.resolve("CLEAN"),
                new CleanMark(
                                mark.storeId(),
                                mark.nextSequence(),
                                mark.nextFileId(),
                                name,
                                mark.indexSize(),
                                mark.files())
                        .encode()
                        .array());

        assertThat(BlobStore.repair(directory).isLossless()).isTrue();
        checkRebuilt();
        assertThat(victim).hasBinaryContent(TestStores.blob(5000, 1));
        assertThat(map).hasBinaryContent(TestStores.blob(5000, 2));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE, -1})
    void markWithAnotherNumberOfKeysMakesTheIndexAnew(long keys) throws IOException {
        closeCleanly();
        rewriteMark(bytes -> bytes.putLong(48, keys));
        checkRebuilt();
    }

    private void closeCleanly() throws IOException {
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            store.put("key", new byte[10]);
        }
    }

    private void checkRebuilt() throws IOException {
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            assertThat(store.stats().opening().clean()).isFalse();
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.get("key")).hasSize(10);
        }
    }

    private CleanMark mark() throws IOException {
        try {
            return CleanMark.decode(ByteBuffer.wrap(Files.readAllBytes(directory.resolve("CLEAN")))
                    .order(ByteOrder.LITTLE_ENDIAN));
        } catch (FormatException e) {
            throw new IOException(e);
        }
    }

    private void rewriteMark(Consumer<ByteBuffer> change) throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve("CLEAN"));
        ByteBuffer mark = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        change.accept(mark);
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 16, bytes.length - 16);
        mark.putInt(12, (int) checksum.getValue());
        Files.write(directory.resolve("CLEAN"), bytes);
    }

    // ---- crafting

    /** A right record of the key. */
    private IndexBlock.Entry value(byte[] payload) throws IOException {
        int offset = file.size();
        record(RecordType.VALUE, payload, payload.length);
        EncodedKey key = HASHER.encoded(KEY);
        return new IndexBlock.Entry(
                key.hash().high(), key.hash().low(), RecordType.VALUE, offset, offset, file.size() - offset);
    }

    /** A record of any length that it claims; its sequence number is its offset. */
    private void record(int type, byte[] payload, long claimedLength) throws IOException {
        boolean ofKey = RecordType.isOfKey(type);
        ByteBuffer key = ByteBuffer.wrap(ofKey ? KEY : new byte[0]);
        RecordHeader header = new RecordHeader();
        header.set(type, ofKey ? file.size() : 0, file.size());
        header.setPayload(claimedLength, Checksums.of(ByteBuffer.wrap(payload)));
        ByteBuffer bytes = ByteBuffer.allocate(RecordHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.encode(bytes, key, new RecordHeader.Place(1, file.size(), HASHER.salt(1)));
        file.write(bytes.array());
        file.write(key.array());
        file.write(payload);
    }

    private static ByteBuffer block(IndexBlock.Entry entry, Location previous) {
        IndexBlock block = IndexBlock.empty();
        block.add(entry);
        ByteBuffer encoded = block.encode(previous);
        ByteBuffer copy = ByteBuffer.allocate(encoded.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        return copy.put(encoded).flip();
    }

    /** @param lastBlock what the footer says, null for the truth */
    private void seal(ByteBuffer block, Location lastBlock) throws IOException {
        Location place = new Location(1, file.size(), RecordHeader.BYTES + block.remaining());
        byte[] bytes = new byte[block.remaining()];
        block.get(0, bytes);
        record(RecordType.INDEX_BLOCK, bytes, bytes.length);
        ArenaFooter footer = new ArenaFooter(
                lastBlock == null ? place : lastBlock, new Location(1, 0, 0), 1, 0, 45, 0, 0, 0, 0, 64, 64);
        record(RecordType.FOOTER, footer.encode().array(), ArenaFooter.BYTES);
    }

    private void write() throws IOException {
        for (Path old : List.of(directory.resolve("00000001.arena"), directory.resolve("CLEAN"))) {
            Files.deleteIfExists(old);
        }
        Files.write(directory.resolve("00000001.arena"), file.toByteArray());
    }
}
