package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.blobarena.arena.Location;
import org.junit.jupiter.api.Test;

class IndexBlockAndFooterTest {

    private static final long MAX = Location.UNSIGNED_MAX;
    private static final ArenaFooter FOOTER = new ArenaFooter(
            new Location(9, MAX - 1, MAX),
            new Location(9, MAX - 2, MAX - 3),
            MAX,
            MAX - 2,
            1L << 32,
            12345,
            MAX - 4,
            MAX - 5,
            Long.MAX_VALUE - 1,
            17,
            Limits.SEQUENCE_MAX);

    @Property(tries = 100)
    void entriesComeBackAsTheyWere(@ForAll @IntRange(min = 1, max = 200) int count) throws FormatException {
        List<IndexBlock.Entry> entries = entries(count);
        IndexBlock written = IndexBlock.empty();
        entries.forEach(written::add);

        IndexBlock read = IndexBlock.decode(Flips.copy(written.encode(new Location(3, 64, 777))));

        assertThat(all(read)).isEqualTo(entries);
        assertThat(read.previous(3)).isEqualTo(new Location(3, 64, 777));
    }

    @Test
    void blockWithoutEntriesIsCorrupt() {
        assertCorrupt(Flips.copy(IndexBlock.empty().encode(new Location(1, 0, 0))));
    }

    @Test
    void fullBlockTakesNoMore() throws FormatException {
        IndexBlock block = IndexBlock.empty();
        entries(IndexBlock.ENTRIES_MAX).forEach(block::add);

        assertThatThrownBy(() -> block.add(entries(1).get(0))).isInstanceOf(BufferOverflowException.class);
        assertThat(IndexBlock.decode(block.encode(new Location(1, 0, 0))).count())
                .isEqualTo(4096);
    }

    @Test
    void removingTakesOutTheEntryOfTheOffsetAlone() {
        List<IndexBlock.Entry> entries = entries(5);
        for (int removed = 0; removed < 5; removed++) {
            IndexBlock block = IndexBlock.empty();
            entries.forEach(block::add);
            List<IndexBlock.Entry> rest = new ArrayList<>(entries);
            rest.remove(removed);

            assertThat(block.removeAt(entries.get(removed).offset())).isTrue();
            assertThat(block.removeAt(entries.get(removed).offset())).isFalse();
            assertThat(all(block)).isEqualTo(rest);
        }
    }

    @Test
    void clearedBlockIsEmpty() {
        IndexBlock block = IndexBlock.empty();
        entries(3).forEach(block::add);
        block.clear();

        assertThat(block.count()).isZero();
        assertThat(block.encode(new Location(1, 0, 0)).remaining()).isEqualTo(IndexBlock.HEADER_BYTES);
    }

    @Test
    void blockOfWrongLengthCountOrReservedByteIsCorrupt() {
        IndexBlock block = IndexBlock.empty();
        entries(2).forEach(block::add);
        ByteBuffer good = Flips.copy(block.encode(new Location(1, 0, 0)));

        assertCorrupt(Flips.copy(good).limit(8));
        assertCorrupt(Flips.copy(good).limit(good.limit() - 1));
        for (int count : new int[] {-1, 0, 1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 27}) {
            assertCorrupt(Flips.copy(good).putInt(IndexBlock.COUNT_OFFSET, count));
        }
        for (int at = IndexBlock.MOMENTS_OFFSET; at < IndexBlock.HEADER_BYTES; at++) {
            assertCorrupt(Flips.copy(good).put(at, (byte) 1));
            assertCorrupt(Flips.copy(good).put(at, (byte) 2));
        }
    }

    @Test
    void footerComesBackAsItWas() throws FormatException {
        assertThat(ArenaFooter.decode(FOOTER.encode(), 9)).isEqualTo(FOOTER);
    }

    @Test
    void footerOfWrongLengthMagicOrReservedByteIsCorrupt() {
        assertThatThrownBy(() -> ArenaFooter.decode(FOOTER.encode().limit(63), 9))
                .isInstanceOf(FormatException.class);
        for (int at = 0; at < ArenaFooter.LAST_BLOCK_OFFSET_OFFSET; at++) {
            assertFooterCorrupt(at);
        }
    }

    @Test
    void footerWithAMomentOfNoRecordOrWithoutOneIsCorrupt() {
        ByteBuffer noRecord = FOOTER.encode().putInt(ArenaFooter.EXPIRING_RECORDS_OFFSET, 0);
        ByteBuffer never = FOOTER.encode().putLong(ArenaFooter.EARLIEST_OFFSET, Long.MAX_VALUE);

        assertThatThrownBy(() -> ArenaFooter.decode(noRecord, 9))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("earliest moment of 0 records: expected 0, found " + (Long.MAX_VALUE - 1));
        assertThatThrownBy(() -> ArenaFooter.decode(never, 9)).isInstanceOf(FormatException.class);
    }

    @Test
    void momentsComeBackAndStandOnlyInBlocksThatHaveOne() throws FormatException {
        IndexBlock block = IndexBlock.empty();
        List<IndexBlock.Entry> entries = new ArrayList<>(entries(3));
        entries.add(new IndexBlock.Entry(1, 2, RecordType.VALUE, 3, 4, 5, -6));
        entries.forEach(block::add);
        ByteBuffer payload = Flips.copy(block.encode(new Location(1, 0, 0)));

        assertThat(payload.limit()).isEqualTo(16 + 4 * 32 + 4 * 8);
        assertThat(all(IndexBlock.decode(payload))).isEqualTo(entries);
        assertThat(block.removeAt(4)).isTrue();
        assertThat(block.encode(new Location(1, 0, 0)).remaining()).isEqualTo(16 + 3 * 32);
        block.clear();
        block.add(entries(1).get(0));
        assertThat(all(block)).isEqualTo(entries(1));
    }

    @Test
    void fullBlockHasRoomForItsMoments() throws FormatException {
        IndexBlock block = IndexBlock.empty();
        List<IndexBlock.Entry> entries = new ArrayList<>(entries(IndexBlock.ENTRIES_MAX - 1));
        entries.add(0, new IndexBlock.Entry(1, 2, RecordType.VALUE, 3, 4, 5, 6));
        entries.forEach(block::add);
        ByteBuffer payload = block.encode(new Location(1, 0, 0));

        assertThat(payload.remaining()).isEqualTo(IndexBlock.PAYLOAD_BYTES_MAX);
        assertThat(all(IndexBlock.decode(payload))).isEqualTo(entries);
    }

    @Test
    void blockWhoseMomentsAreOfNoValueIsCorrupt() {
        IndexBlock block = IndexBlock.empty();
        block.add(new IndexBlock.Entry(1, 2, RecordType.VALUE, 3, 4, 5, 6));
        block.add(new IndexBlock.Entry(1, 2, RecordType.TOMBSTONE, 4, 9, 5));
        ByteBuffer good = Flips.copy(block.encode(new Location(1, 0, 0)));
        int moments = 16 + 2 * 32;

        assertCorrupt(Flips.copy(good).putLong(moments, Long.MAX_VALUE));
        assertCorrupt(Flips.copy(good).putLong(moments + 8, 7));
    }

    private static void assertFooterCorrupt(int at) {
        ByteBuffer bytes = FOOTER.encode();
        bytes.put(at, (byte) (bytes.get(at) ^ 1));
        assertThatThrownBy(() -> ArenaFooter.decode(bytes, 9)).isInstanceOf(FormatException.class);
    }

    private static void assertCorrupt(ByteBuffer payload) {
        assertThatThrownBy(() -> IndexBlock.decode(payload)).isInstanceOf(FormatException.class);
    }

    private static List<IndexBlock.Entry> all(IndexBlock block) {
        List<IndexBlock.Entry> entries = new ArrayList<>();
        for (int i = 0; i < block.count(); i++) {
            entries.add(block.entry(i));
        }
        return entries;
    }

    private static List<IndexBlock.Entry> entries(int count) {
        List<IndexBlock.Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(new IndexBlock.Entry(
                    -i, Long.MIN_VALUE + i, 1 + i % 2, Limits.SEQUENCE_MAX - i, MAX - 10_000 + i, MAX - i));
        }
        return entries;
    }
}
