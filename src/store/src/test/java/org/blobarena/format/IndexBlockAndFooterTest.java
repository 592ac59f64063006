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
        for (int at = IndexBlock.RESERVED_OFFSET; at < IndexBlock.HEADER_BYTES; at++) {
            assertCorrupt(Flips.copy(good).put(at, (byte) 1));
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
        for (int at = ArenaFooter.RESERVED_OFFSET; at < ArenaFooter.BYTES; at++) {
            assertFooterCorrupt(at);
        }
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
