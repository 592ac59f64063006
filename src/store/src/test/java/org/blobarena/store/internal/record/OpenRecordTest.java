package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.StoreFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that agree with the index and not with their file. Shows invariant 7 of store-format.md. */
class OpenRecordTest {

    private static final byte[] KEY = {1};
    private static final int FILE_BYTES = 200_000;

    private final ArenaImage image = new ArenaImage();

    @ParameterizedTest
    @ValueSource(longs = {FILE_BYTES, Integer.MAX_VALUE, 3L << 30})
    void recordThatEndsBehindItsFileIsDamageBeforeAnythingIsAllocated(long payloadBytes) {
        RecordHeader header = new RecordHeader();
        header.set(RecordType.VALUE, 1, 0);
        header.setPayload(payloadBytes, 0);
        int offset = image.append(header, KEY, ByteBuffer.allocate(FILE_BYTES));
        image.cutTo(FILE_BYTES);
        Location location = new Location(ArenaImage.FILE_ID, offset, RecordHeader.BYTES + KEY.length + payloadBytes);

        assertThatThrownBy(() -> blob(location))
                .isInstanceOf(CorruptBlobException.class)
                .hasMessageContaining("record end: expected at most " + FILE_BYTES)
                .hasMessageContaining("found " + location.end());
    }

    @Test
    void recordShorterThanAHeaderIsDamage() {
        int offset = image.value(1, KEY, new byte[10]);

        assertThatThrownBy(() -> blob(new Location(ArenaImage.FILE_ID, offset, RecordHeader.BYTES - 1)))
                .isInstanceOf(CorruptBlobException.class)
                .hasMessageContaining("record length: expected at least 32, found 31");
    }

    @Test
    void oneObjectOpensOneRecordAfterAnother() throws Exception {
        byte[] small = {1, 2, 3};
        byte[] large = new byte[60_000];
        large[59_999] = 4;
        int first = image.value(1, KEY, small);
        int second = image.value(2, new byte[5000], large);
        StoreFile file = image.file();
        OpenRecord record = new OpenRecord();
        for (int i = 0; i < 2; i++) {
            try (Scratch scratch = Scratch.take()) {
                record.openWithBlob(file, first, second - first, scratch);
                assertThat(record.isOf(ByteBuffer.wrap(KEY))).isTrue();
                assertThat(record.isOf(ByteBuffer.wrap(new byte[1]))).isFalse();
                assertThat(record.blob(scratch, 3)).isEqualTo(small);
                record.open(file, new Location(ArenaImage.FILE_ID, second, image.length() - second), scratch);
                assertThat(record.sequence()).isEqualTo(2);
                assertThat(record.key()).isEqualTo(new byte[5000]);
                assertThat(record.blob(scratch, large.length)).isEqualTo(large);
            }
        }
    }

    @Test
    void recordThatIsNoValueIsOfNoKey() throws Exception {
        int offset = image.append(RecordType.TOMBSTONE, 1, KEY, ByteBuffer.allocate(0));
        OpenRecord record = new OpenRecord();
        try (Scratch scratch = Scratch.take()) {
            record.open(image.file(), new Location(ArenaImage.FILE_ID, offset, 33), scratch);
            assertThat(record.isOf(ByteBuffer.wrap(KEY))).isFalse();
            assertThatThrownBy(record::requireValue)
                    .isInstanceOf(CorruptBlobException.class)
                    .hasMessageContaining("record type: expected 1, found 2");
        }
    }

    @Test
    void blobLongerThanItMayBeIsRefused() {
        int offset = image.value(1, KEY, new byte[10]);
        OpenRecord record = new OpenRecord();
        try (Scratch scratch = Scratch.take()) {
            assertThatThrownBy(() -> record.openWithBlob(image.file(), offset, 43, scratch)
                            .blob(scratch, 9))
                    .isInstanceOf(BlobTooLargeException.class);
        }
    }

    private void blob(Location location) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            new OpenRecord()
                    .openWithBlob(image.file(), location.offset(), location.length(), scratch)
                    .blob(scratch, OpenRecord.ARRAY_BYTES_MAX);
        }
    }
}
