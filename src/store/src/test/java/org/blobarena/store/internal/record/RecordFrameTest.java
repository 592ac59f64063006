package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.blobarena.format.BlockTable;
import org.blobarena.format.Checksums;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a record must be to be opened, and its payload to be right. Shows invariant 7 of store-format.md. */
class RecordFrameTest {

    private static final byte[] KEY = {1, 2, 3};
    private static final byte[] BLOB = {4, 5, 6, 7};
    private static final int RECORD_BYTES = 39;

    private final ArenaImage image = new ArenaImage();
    private final RecordFrame frame = new RecordFrame();
    private final FileWindow window = FileWindow.ofBytes(1024);

    @Test
    void recordThatIsRightTellsItsKeyAndPayload() throws Exception {
        image.value(8, KEY, new byte[100]);
        int offset = image.value(9, KEY, BLOB);
        open(offset);

        assertThat(frame.header().sequence()).isEqualTo(9);
        assertThat(frame.offset()).isEqualTo(offset);
        assertThat(frame.payloadStart()).isEqualTo(offset + RecordHeader.BYTES + KEY.length);
        assertThat(frame.end()).isEqualTo(image.length());
        assertThat(frame.key(window)).isEqualTo(KEY);
        assertThat(frame.payload(window, BLOB.length)).isEqualTo(ByteBuffer.wrap(BLOB));
        assertThat(frame.entry(new KeyHash(1, 2)))
                .isEqualTo(new IndexBlock.Entry(1, 2, RecordType.VALUE, 9, offset, RECORD_BYTES));
        assertThatCode(() -> open(offset, RECORD_BYTES)).doesNotThrowAnyException();
    }

    @Test
    void everyDamagedBitOfHeaderAndKeyIsFound() throws Exception {
        int offset = image.value(1, KEY, BLOB);
        for (int i = 0; i < RecordHeader.BYTES + KEY.length; i++) {
            image.flip(offset + i);
            assertThatThrownBy(() -> open(offset)).as("byte " + i).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> open(offset, RECORD_BYTES)).as("byte " + i).isInstanceOf(FormatException.class);
            image.flip(offset + i);
        }
    }

    @Test
    void recordOfAnotherPlaceFileOrStoreIsNone() throws Exception {
        int offset = image.value(1, KEY, BLOB);
        image.append(ByteBuffer.wrap(image.copy(offset, image.length())));
        int moved = offset + (image.length() - offset) / 2;

        assertThatThrownBy(() -> open(moved)).hasMessageContaining("record header checksum");
        turnTo();
        frame.turnTo(ArenaImage.FILE_ID + 1, image.salt());
        assertThatThrownBy(() -> frame.open(window, offset)).hasMessageContaining("record header checksum");
        frame.turnTo(ArenaImage.FILE_ID, image.salt() + 1);
        assertThatThrownBy(() -> frame.open(window, offset)).hasMessageContaining("record salt");
    }

    @Test
    void lengthThatTheHeaderDoesNotSayIsDamage() {
        int offset = image.value(1, KEY, BLOB);
        image.append(ByteBuffer.allocate(100));

        assertThatThrownBy(() -> open(offset, 38)).hasMessage("record length: expected 38, found 39");
        assertThatThrownBy(() -> open(offset, 40)).hasMessage("record length: expected 40, found 39");
        assertThatThrownBy(() -> open(offset, 31)).hasMessage("record length: expected at least 32, found 31");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 5, 7, 8, 38, 39})
    void recordThatEndsBehindTheFileIsDamage(int missing) {
        int offset = image.value(1, KEY, BLOB);
        image.cutTo(image.length() - missing);

        assertThatThrownBy(() -> open(offset)).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> open(offset, RECORD_BYTES))
                .hasMessage("record end: expected at most " + image.length() + ", found " + (offset + RECORD_BYTES));
    }

    @Test
    void whatEndsBehindTheFileIsNamed() {
        int offset = image.value(1, KEY, BLOB);

        image.cutTo(image.length() - 1);
        assertThatThrownBy(() -> open(offset)).hasMessage("record length: expected at most 38, found 39");
        image.cutTo(offset + RecordHeader.BYTES + 2);
        assertThatThrownBy(() -> open(offset)).hasMessage("key length: expected at most 2, found 3");
        image.cutTo(offset + RecordHeader.BYTES - 1);
        assertThatThrownBy(() -> open(offset)).hasMessage("record: expected at least 32 bytes, found 31");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 991, 992, 993, 5000})
    void everyDamagedBitOfAPayloadIsFoundHoweverManyPiecesItIsReadIn(int bytes) throws Exception {
        byte[] blob = new byte[bytes];
        Arrays.fill(blob, (byte) 7);
        int offset = image.value(1, KEY, blob);
        open(offset);
        assertThat(frame.payload(window, bytes).array()).isEqualTo(blob);
        assertThatCode(() -> frame.verifyPayload(window)).doesNotThrowAnyException();

        for (int i = 0; i < bytes; i += 97) {
            image.flip(offset + RecordHeader.BYTES + KEY.length + i);
            open(offset);
            assertThatThrownBy(() -> frame.verifyPayload(window)).hasMessageContaining("payload checksum");
            image.flip(offset + RecordHeader.BYTES + KEY.length + i);
        }
    }

    @Test
    void payloadThatIsLongerThanItMayBeTakesNoMemory() throws Exception {
        open(image.value(1, KEY, BLOB));

        assertThatThrownBy(() -> frame.payload(window, 3)).hasMessage("payload length: expected at most 3, found 4");
    }

    @Test
    void damagedBlockIsNamed() throws Exception {
        byte[] blob = new byte[2 * BlockTable.BLOCK_BYTES + 1];
        ByteBuffer table = BlockTable.of(ByteBuffer.wrap(blob)).encode();
        RecordHeader header = new RecordHeader();
        header.set(RecordType.VALUE, 1, 0);
        header.setBlocks(blob.length + table.remaining(), Checksums.of(table));
        int offset = image.append(header, KEY, ByteBuffer.wrap(blob), table);
        open(offset);
        assertThatCode(() -> frame.verifyPayload(window)).doesNotThrowAnyException();

        image.flip(offset + RecordHeader.BYTES + KEY.length + BlockTable.BLOCK_BYTES);
        open(offset);
        assertThatThrownBy(() -> frame.verifyPayload(window)).hasMessageContaining("checksum of block 1");
    }

    @Test
    void longPayloadWithoutATableIsDamageEvenIfItsChecksumIsRight() throws Exception {
        open(image.value(1, KEY, new byte[BlockTable.BLOCK_BYTES + 1]));

        assertThatThrownBy(() -> frame.verifyPayload(window)).hasMessageContaining("record flags");
    }

    @Test
    void keyThatIsLongerThanTheWindowIsRead() throws Exception {
        byte[] key = new byte[65_535];
        IntStream.range(0, key.length).forEach(i -> key[i] = (byte) i);
        int offset = image.value(1, key, BLOB);
        open(offset);

        assertThat(frame.key(window)).isEqualTo(key);
        assertThat(frame.payload(window, BLOB.length)).isEqualTo(ByteBuffer.wrap(BLOB));
        image.flip(offset + RecordHeader.BYTES + 65_534);
        assertThatThrownBy(() -> open(offset)).hasMessageContaining("record header checksum");
    }

    @Test
    void recordOfAnotherTypeIsNamed() throws Exception {
        open(image.append(RecordType.TOMBSTONE, 1, KEY, ByteBuffer.allocate(0)));

        frame.requireType(RecordType.TOMBSTONE);
        assertThatThrownBy(() -> frame.requireType(RecordType.VALUE)).hasMessage("record type: expected 1, found 2");
    }

    private void open(long offset) throws Exception {
        turnTo();
        frame.open(window, offset);
    }

    private void open(long offset, long length) throws Exception {
        turnTo();
        frame.open(window, offset, length);
    }

    /** What was read before may have changed. */
    private void turnTo() {
        window.turnTo(image::read, image.length());
        frame.turnTo(ArenaImage.FILE_ID, image.salt());
    }
}
