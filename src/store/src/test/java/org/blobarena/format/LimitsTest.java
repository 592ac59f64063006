package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {

    @Test
    void largestPayloadLeavesRoomForHeaderKeyBlockAndFooter() {
        long longest = Limits.payloadBytesMax(65_536, 10, false);

        assertThat(longest).isEqualTo(65_536 - 64 - 32 - 10 - (32 + 16 + 32) - (32 + 80));
        assertThat(Limits.payloadBytesMax(65_536, 10, true)).isEqualTo(longest - 8 - 8);
        assertThat(Limits.payloadBytesMax(1L << 40, 0, false)).isEqualTo(Limits.payloadBytesMax(1L << 32, 0, false));
    }

    @Test
    void sealingWithoutPendingRecordsNeedsTheFooterAlone() {
        assertThat(Limits.sealBytes(0, false)).isEqualTo(32 + 80);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 0xabcdef, 0x7fff_ffff, 0xffff_ffffL})
    void nameOfArenaFileGivesItsIdBack(long id) {
        assertThat(FileNames.arena(id)).hasSize(14).endsWith(".arena");
        assertThat(FileNames.arenaId(FileNames.arena(id))).hasValue(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.arena", "0000000g.arena", "0000000A.arena", "00000001.arena.tmp", "000000001.arena", ""})
    void otherNamesAreNotOfArenaFiles(String name) {
        assertThat(FileNames.arenaId(name)).isEmpty();
    }
}
