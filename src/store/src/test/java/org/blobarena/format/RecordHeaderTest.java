package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordHeaderTest {

    private static final RecordHeader.Place PLACE = new RecordHeader.Place(7, 0xFFFF_FF00L, 0x5a17c0de);
    private static final byte[] KEY = "the key".getBytes(StandardCharsets.US_ASCII);
    private static final int KEY_BYTES_SPARE = 0x1_0000;

    @Property(tries = 300)
    void fieldsComeBackAsTheyWere(
            @ForAll @IntRange(min = 1, max = 5) int type,
            @ForAll @LongRange(min = 1, max = Limits.SEQUENCE_MAX) long number,
            @ForAll @LongRange(min = 0, max = 0xFFFF_FFFFL) long length,
            @ForAll @LongRange(min = 0, max = 0xFFFF_FF00L) long forced,
            @ForAll @Size(max = 300) byte[] bytes)
            throws FormatException {
        boolean ofFile = type == RecordType.INDEX_BLOCK || type == RecordType.FOOTER;
        long sequence = ofFile ? 0 : number;
        byte[] key = ofFile ? new byte[0] : bytes;
        long payloadLength = type == RecordType.TOMBSTONE ? 0 : length;
        RecordHeader written = header(type, sequence, forced);
        written.setPayload(payloadLength, 0x01020304);
        ByteBuffer record = encode(written, key);

        RecordHeader read = verified(record);

        assertThat(read.type()).isEqualTo(type);
        assertThat(read.sequence()).isEqualTo(sequence);
        assertThat(read.payloadLength()).isEqualTo(payloadLength);
        assertThat(read.keyLength()).isEqualTo(key.length);
        assertThat(read.recordLength()).isEqualTo(32 + key.length + payloadLength);
        assertThat(read.forcedBytes()).isEqualTo(forced);
        read.verifyPayload(0x01020304);
    }

    @Test
    void longestKeyComesBackAsItWas() throws FormatException {
        ByteBuffer record = encode(value(), new byte[Limits.KEY_BYTES_MAX]);
        RecordHeader read = verified(record);

        assertThat(read.keyLength()).isEqualTo(65_535);
    }

    @Test
    void everyFlippedBitOfHeaderAndKeyIsDetected() {
        ByteBuffer record = encode(value(), KEY);
        ByteBuffer framed = Flips.copy(record.slice(3, RecordHeader.BYTES + KEY.length));

        assertThat(Flips.undetected(framed, flipped -> {
                    // As in a file: more bytes follow, however long a damaged header says that the key is.
                    ByteBuffer file = ByteBuffer.allocate(RecordHeader.BYTES + KEY_BYTES_SPARE)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .put(0, flipped, 0, flipped.limit());
                    RecordHeader read = new RecordHeader();
                    read.decode(file, 0);
                    read.verify(file, 0, PLACE);
                }))
                .isEmpty();
    }

    @Test
    void recordAtAnotherPlaceIsDetected() {
        ByteBuffer record = encode(value(), KEY);
        RecordHeader read = decoded(record);

        for (RecordHeader.Place other : new RecordHeader.Place[] {
            new RecordHeader.Place(8, PLACE.offset(), PLACE.salt()),
            new RecordHeader.Place(PLACE.fileId(), PLACE.offset() - 1, PLACE.salt()),
            new RecordHeader.Place(PLACE.fileId(), PLACE.offset(), PLACE.salt() + 1)
        }) {
            assertThatThrownBy(() -> read.verify(record, 3, other)).isInstanceOf(FormatException.class);
        }
    }

    @Test
    void unknownTypesAreRejectedUnderTheRightChecksum() {
        for (int type : new int[] {0, 7, 255}) {
            RecordHeader written = header(type, 1, 0);
            ByteBuffer record = encode(written, KEY);
            RecordHeader read = decoded(record);

            assertThatThrownBy(() -> read.verify(record, 3, PLACE)).hasMessageContaining("type");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "INDEX_BLOCK, 1, 0, 0, key length",
        "FOOTER, 1, 0, 0, key length",
        "LINEAGE, 1, 0, 0, key length",
        "TOMBSTONE, 7, 1, 0, payload length",
        "VALUE, 7, 1, 0xFFFFFF01, forced",
    })
    void whatNoRecordOfItsTypeHasIsRejectedUnderTheRightChecksum(
            String type, int keyLength, long payloadLength, String forced, String problem) throws Exception {
        int number = RecordType.class.getField(type).getInt(null);
        RecordHeader written = header(number, RecordType.isOfKey(number) ? 1 : 0, Long.decode(forced));
        written.setPayload(payloadLength, 0);
        ByteBuffer record = encode(written, Arrays.copyOf(KEY, keyLength));
        RecordHeader read = decoded(record);

        assertThatThrownBy(() -> read.verify(record, 3, PLACE)).hasMessageContaining(problem);
    }

    @Test
    void sequenceNumberOutOfItsRangeIsRejectedUnderTheRightChecksum() {
        for (int type = 1; type <= 6; type++) {
            boolean numbered = RecordType.isOfKey(type) || type == RecordType.VOID;
            for (long sequence : new long[] {Long.MIN_VALUE, -1, 0, 1, Limits.SEQUENCE_MAX, Limits.SEQUENCE_MAX + 1}) {
                RecordHeader written = header(type, sequence, 0);
                ByteBuffer record = encode(written, numbered ? KEY : new byte[0]);
                RecordHeader read = decoded(record);

                boolean inRange = numbered ? sequence >= 1 && sequence <= Limits.SEQUENCE_MAX : sequence == 0;
                AbstractThrowableAssert<?, ?> outcome =
                        assertThatCode(() -> read.verify(record, 3, PLACE)).as("%d of type %d", sequence, type);
                if (inRange) {
                    outcome.doesNotThrowAnyException();
                } else {
                    outcome.hasMessageContaining("sequence");
                }
            }
        }
    }

    @Test
    void flagOfBlocksIsForValuesAndVoidRecordsAlone() throws FormatException {
        for (int type = 1; type <= 6; type++) {
            RecordHeader written = header(type, 1, 0);
            written.setBlocks(70_008, 5);
            requireFlagsOfBlobs(written, read -> {
                assertThat(read.hasBlocks()).isTrue();
                assertThat(read.blobBytes()).isEqualTo(70_000);
            });
        }
    }

    @Test
    void flagOfCompressionIsForValuesAndVoidRecordsAlone() throws FormatException {
        for (int type = 1; type <= 6; type++) {
            RecordHeader written = header(type, 1, 0);
            written.setCompressed(17, 5);
            requireFlagsOfBlobs(written, read -> {
                assertThat(read.isCompressed()).isTrue();
                assertThat(read.hasBlocks()).isFalse();
            });
        }
    }

    /** Requires that the flags of a header come back if it is of a value or void record, and else are rejected. */
    private static void requireFlagsOfBlobs(RecordHeader written, Consumer<RecordHeader> content)
            throws FormatException {
        ByteBuffer record = encode(written, KEY);
        if (written.type() == RecordType.VALUE || written.type() == RecordType.VOID) {
            RecordHeader read = verified(record);
            read.verifyLayout();
            content.accept(read);
        } else {
            assertThatThrownBy(() -> verified(record)).hasMessageContaining("flags");
        }
    }

    @Test
    void momentOfExpiryComesBackAsItWas() throws FormatException {
        for (long moment : new long[] {Long.MIN_VALUE, -1, 0, 1_700_000_000_000L, Long.MAX_VALUE - 1}) {
            RecordHeader written = value();
            written.setExpiry(moment);
            ByteBuffer record = encode(written, KEY);
            RecordHeader read = new RecordHeader();
            read.decode(record, 3);
            read.verify(record, 3, PLACE);

            assertThat(read.expires()).isTrue();
            assertThat(read.expiryMillis()).isEqualTo(moment);
            assertThat(read.recordLength()).isEqualTo(40 + KEY.length + 1000);
            assertThat(record.getLong(3 + 32)).isEqualTo(moment);
        }
    }

    @Test
    void expiryLeavesTheLayoutAsItIs() throws FormatException {
        RecordHeader written = value();
        written.setBlocks(70_008, 5);
        written.setExpiry(9);
        ByteBuffer blocks = encode(written, KEY);
        written.setCompressed(17, 5);
        written.setExpiry(9);
        ByteBuffer compressed = encode(written, KEY);
        RecordHeader read = new RecordHeader();

        read.decode(blocks, 3);
        read.verify(blocks, 3, PLACE);
        assertThat(read.hasBlocks() && read.expires()).isTrue();
        assertThat(blocks.get(3 + 31)).isEqualTo((byte) 5);
        read.decode(compressed, 3);
        read.verify(compressed, 3, PLACE);
        assertThat(read.isCompressed() && read.expires()).isTrue();
        assertThat(compressed.get(3 + 31)).isEqualTo((byte) 6);
        written.setExpiry(RecordHeader.NEVER);
        assertThat(encode(written, KEY).get(3 + 31)).isEqualTo((byte) 2);
    }

    @Test
    void everyFlippedBitOfTheMomentIsDetected() {
        RecordHeader written = value();
        written.setExpiry(1_700_000_000_000L);
        ByteBuffer record = encode(written, KEY);
        for (int bit = 0; bit < Long.SIZE; bit++) {
            int at = 3 + 32 + bit / 8;
            record.put(at, (byte) (record.get(at) ^ (1 << bit % 8)));
            RecordHeader read = new RecordHeader();
            read.decode(record, 3);
            assertThatThrownBy(() -> read.verify(record, 3, PLACE)).hasMessageContaining("checksum");
            record.put(at, (byte) (record.get(at) ^ (1 << bit % 8)));
        }
    }

    @Test
    void lastMomentIsRejectedUnderTheRightChecksum() {
        RecordHeader written = value();
        written.setExpiry(5);
        ByteBuffer record = encode(written, KEY);
        record.putLong(3 + 32, Long.MAX_VALUE);
        record.putInt(3, SpecifiedChecksums.ofRecord(record, 3, KEY.length, PLACE));
        RecordHeader read = new RecordHeader();
        read.decode(record, 3);

        assertThatThrownBy(() -> read.verify(record, 3, PLACE)).hasMessageContaining("moment of expiry");
    }

    @Test
    void flagOfExpiryIsForValuesAndVoidRecordsAlone() throws FormatException {
        for (int type = 1; type <= 6; type++) {
            RecordHeader written = new RecordHeader();
            written.set(type, 1, 0);
            written.setExpiry(5);
            ByteBuffer record = encode(written, KEY);
            RecordHeader read = new RecordHeader();
            read.decode(record, 3);

            if (type == RecordType.VALUE || type == RecordType.VOID) {
                read.verify(record, 3, PLACE);
            } else {
                assertThatThrownBy(() -> read.verify(record, 3, PLACE)).hasMessageContaining("flags");
            }
        }
    }

    @Test
    void unknownFlagsAreRejectedUnderTheRightChecksum() {
        for (int flags : new int[] {3, 7, 8, 12, 128, 255}) {
            RecordHeader written = value();
            written.setExpiry((flags & 4) == 0 ? RecordHeader.NEVER : 5);
            ByteBuffer record = encode(written, KEY);
            record.put(3 + RecordHeader.FLAGS_OFFSET, (byte) flags);
            record.putInt(3, SpecifiedChecksums.ofRecord(record, 3, KEY.length, PLACE));
            RecordHeader read = decoded(record);

            assertThatThrownBy(() -> read.verify(record, 3, PLACE)).hasMessageContaining("0 to 2 or 4 to 6");
        }
    }

    @Test
    void flagThatDoesNotSuitTheLengthIsCorrupt() {
        RecordHeader header = value();
        header.setPayload(65_537, 0);
        assertThatThrownBy(header::verifyLayout).hasMessageContaining("flags");
        for (long length : new long[] {0, 4, 65_536, 65_537, 65_544, 131_081, 131_084}) {
            header.setBlocks(length, 0);
            assertThatThrownBy(header::verifyLayout).as("%d", length).isInstanceOf(FormatException.class);
        }
        header.setCompressed(16, 0);
        assertThatThrownBy(header::verifyLayout).hasMessageContaining("compressed payload");
    }

    @Test
    void otherPayloadChecksumIsCorrupt() {
        RecordHeader header = value();

        assertThatThrownBy(() -> header.verifyPayload(1))
                .isInstanceOf(FormatException.class)
                .hasMessage("payload checksum: expected 000000ff, found 00000001");
    }

    @Test
    void verifyingLeavesPositionAndLimit() throws FormatException {
        ByteBuffer record = encode(value(), KEY).position(2);
        RecordHeader unused = verified(record);

        assertThat(record.position()).isEqualTo(2);
        assertThat(record.limit()).isEqualTo(3 + RecordHeader.BYTES + KEY.length);
    }

    private static RecordHeader header(int type, long sequence, long forcedBytes) {
        RecordHeader header = new RecordHeader();
        header.set(type, sequence, forcedBytes);
        return header;
    }

    private static RecordHeader value() {
        RecordHeader header = header(RecordType.VALUE, 0x0011223344556677L, 0x89abcdefL);
        header.setPayload(1000, 0xff);
        return header;
    }

    /** The record from index 3 on. */
    private static ByteBuffer encode(RecordHeader header, byte[] key) {
        ByteBuffer head = ByteBuffer.allocate(RecordHeader.BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
        header.encode(head, ByteBuffer.wrap(key), PLACE);
        return ByteBuffer.allocate(3 + head.limit() + key.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(3, head, 0, head.limit())
                .put(3 + head.limit(), key);
    }

    /** Reads what {@link #encode} has written, and checks nothing. */
    private static RecordHeader decoded(ByteBuffer record) {
        RecordHeader read = new RecordHeader();
        read.decode(record, 3);
        return read;
    }

    private static RecordHeader verified(ByteBuffer record) throws FormatException {
        RecordHeader read = decoded(record);
        read.verify(record, 3, PLACE);
        return read;
    }
}
