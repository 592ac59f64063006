package org.blobarena.index.chronicle.map;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IndexGeometryTest {

    @Test
    void expectedKeysFitWithoutGrowth() {
        for (long keys = 0; keys < 5_000_000_000L; keys = keys * 3 / 2 + 7) {
            assertThat(IndexGeometry.forExpectedKeys(keys).growAt()).isGreaterThanOrEqualTo(keys);
        }
    }

    @Test
    void aMillionKeysAndMoreTakeAtMost48BytesEachHoweverTheyCame() {
        long keys = 1;
        while (keys < 5_000_000_000L) {
            IndexGeometry next = IndexGeometry.forGrowthFrom(keys);
            assertThat(next.growAt()).as("room for %d keys", keys).isGreaterThan(keys * 6 / 5);
            long fewest = Math.max(keys, 1_000_000);
            if (fewest < next.growAt()) {
                assertThat(next.fileBytesMax()).as("bytes for %d keys", fewest).isLessThanOrEqualTo(48 * fewest);
            }
            keys = keys * 11 / 10 + 1;
        }
    }

    @Test
    void mapsFillBeforeTheirLimitAndTheLimitBeforeTheirCapacity() {
        IndexGeometry geometry = IndexGeometry.forExpectedKeys(1_000_000);
        assertThat(geometry.growAt()).isLessThan(geometry.limit());
        assertThat(geometry.limit()).isLessThan(geometry.capacity());
    }

    @Test
    void largerMapHasRoomForWhatComesWhileAFullOneIsMoved() {
        for (long keys = 0; keys < 5_000_000_000L; keys = keys * 11 / 10 + 1) {
            IndexGeometry old = IndexGeometry.forExpectedKeys(keys);
            IndexGeometry grown = IndexGeometry.forGrowthFrom(keys);
            for (IndexGeometry full : new IndexGeometry[] {old, grown}) {
                IndexGeometry next = IndexGeometry.forGrowthFrom(full.growAt());
                assertThat(full.keysToComeWhileMoving(next))
                        .as("keys that may come while %s is moved", full)
                        .isGreaterThan(full.capacity() / 10);
            }
        }
    }
}
