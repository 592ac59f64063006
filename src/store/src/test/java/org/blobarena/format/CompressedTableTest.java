package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompressedTableTest {

    private static final int BLOCK = BlockTable.BLOCK_BYTES;

    /** Of three blocks: one that got shorter, one that did not, and the rest of the blob. */
    private static CompressedTable table() {
        CompressedTable table = new CompressedTable();
        table.add(BLOCK, 500, 11);
        table.add(BLOCK, BLOCK, 12);
        table.add(700, 3, 13);
        return table;
    }

    private static final long STORED = 500 + BLOCK + 3;
    private static final long PAYLOAD = STORED + 3 * 8 + 8;

    private static CompressedTable read(ByteBuffer bytes, long payloadBytes, CRC32C checksum) throws FormatException {
        CompressedTable table = CompressedTable.ofEnd(bytes, bytes.limit() - CompressedTable.END_BYTES, payloadBytes);
        int rows = bytes.limit() - CompressedTable.END_BYTES;
        table.decode(bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(CompressedTable.ROW_BYTES), checksum);
        table.decode(
                bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(rows).position(CompressedTable.ROW_BYTES),
                checksum);
        table.requireFilled(payloadBytes);
        return table;
    }

    @Test
    void tableComesBackAndKnowsEveryBlock() throws FormatException {
        ByteBuffer bytes = table().encode();
        CRC32C checksum = new CRC32C();

        CompressedTable read = read(bytes, PAYLOAD, checksum);

        assertThat(bytes.remaining())
                .isEqualTo((int) CompressedTable.bytes(2L * BLOCK + 700))
                .isEqualTo(32);
        assertThat(read.count()).isEqualTo(3);
        assertThat(read.blobBytes()).isEqualTo(2L * BLOCK + 700);
        assertThat(read.storedBytes()).isEqualTo(STORED);
        assertThat(read.isShorter()).isTrue();
        assertThat(read.start(0)).isZero();
        assertThat(read.start(2)).isEqualTo(500 + BLOCK);
        assertThat(read.storedBytes(1)).isEqualTo(BLOCK);
        assertThat(read.rawBytes(1)).isEqualTo(BLOCK);
        assertThat(read.storedBytes(2)).isEqualTo(3);
        assertThat(read.rawBytes(2)).isEqualTo(700);
        read.verify(2, 13);
        assertThatThrownBy(() -> read.verify(2, 14)).hasMessageContaining("stored block 2");
        assertThat(read.encode()).isEqualTo(bytes);
        assertThat((int) checksum.getValue()).isEqualTo(SpecifiedChecksums.of(bytes, 0, bytes.limit()));
    }

    @Test
    void tableOfManyBlocksComesBack() throws FormatException {
        CompressedTable table = new CompressedTable();
        for (int i = 0; i < 1000; i++) {
            table.add(BLOCK, 1 + i % BLOCK, i);
        }
        CompressedTable read =
                read(table.encode(), table.storedBytes() + CompressedTable.bytes(1000L * BLOCK), new CRC32C());

        assertThat(read.encode()).isEqualTo(table.encode());
        assertThat(read.start(999)).isEqualTo(999L * 998 / 2 + 999);
    }

    @Test
    void blobThatIsStoredAsItIsHasAPlainTable() {
        CompressedTable table = new CompressedTable();
        table.add(BLOCK, BLOCK, 5);
        table.add(1, 1, 6);

        assertThat(table.isShorter()).isFalse();
        assertThat(table.toBlockTable().encode().getInt(4)).isEqualTo(6);
        assertThat(table.toBlockTable().count()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x1_0000_0000L, 0xFFFF_FFFFL, 3L * BLOCK + 1})
    void lengthOfABlobThatCannotBeIsRefusedBeforeAnyRow(long blobBytes) {
        ByteBuffer end = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, blobBytes);

        assertThatThrownBy(() -> CompressedTable.ofEnd(end, 0, 32))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("compressed blob");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, BLOCK + 1})
    void storedLengthThatCannotBeIsRefused(int length) {
        ByteBuffer bytes = table().encode();
        bytes.putInt(8, length);

        assertThatThrownBy(() -> read(bytes, PAYLOAD, new CRC32C())).hasMessageContaining("stored length of block 1");
    }

    @Test
    void storedLengthsThatDoNotFillThePayloadAreRefused() {
        ByteBuffer bytes = table().encode();

        assertThatThrownBy(() -> read(bytes, PAYLOAD + 1, new CRC32C())).hasMessageContaining("all stored blocks");
        assertThatThrownBy(() -> read(bytes, PAYLOAD - 1, new CRC32C())).hasMessageContaining("all stored blocks");
    }

    @Test
    void payloadTooShortForARowIsRefused() throws FormatException {
        for (long length : new long[] {0, 8, 16}) {
            assertThatThrownBy(() -> CompressedTable.requirePayload(length)).isInstanceOf(FormatException.class);
        }
        CompressedTable.requirePayload(17);
    }
}
