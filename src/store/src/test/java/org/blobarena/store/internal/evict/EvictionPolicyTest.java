package org.blobarena.store.internal.evict;

import static org.assertj.core.api.Assertions.assertThat;

import org.blobarena.store.internal.core.cache.UseBits;
import org.junit.jupiter.api.Test;

class EvictionPolicyTest {

    private static final long MAXIMUM_BYTES = 1 << 20;
    private static final long RECORD_BYTES = 1 << 10;

    /** What is admitted until no more can be saved up for writing again. */
    private static final long SAVES_ALL = (long) (MAXIMUM_BYTES / 4 / EvictionPolicy.CREDIT_PER_BYTE) + 1;

    private final EvictionPolicy policy = new EvictionPolicy(MAXIMUM_BYTES, MAXIMUM_BYTES / 64, MAXIMUM_BYTES / 128);

    /** How many records of so many uses are written again, one after the other. */
    private int kept(int uses) {
        int kept = 0;
        while (policy.keeps(uses, RECORD_BYTES)) {
            kept++;
        }
        return kept;
    }

    @Test
    void nothingIsKeptThatWasNotUsed() {
        policy.admitted(SAVES_ALL);
        assertThat(kept(0)).isZero();
    }

    @Test
    void nothingIsKeptBeforeAnythingWasAdmitted() {
        assertThat(kept(UseBits.USES_MAX)).isZero();
    }

    /** A quarter of the maximum is saved up: 256 records. The last two thirds are not for all, and the last is for few. */
    @Test
    void theLessIsSavedUpTheMoreUsesARecordNeeds() {
        policy.admitted(SAVES_ALL);
        assertThat(kept(1)).isBetween(85, 87);
        assertThat(kept(2)).isBetween(84, 86);
        assertThat(kept(UseBits.USES_MAX)).isBetween(84, 86);
    }

    @Test
    void longRecordsNeedMoreUsesThanShortOnes() {
        policy.admitted(SAVES_ALL);
        assertThat(kept(2)).isBetween(170, 172);
        assertThat(policy.keeps(2, RECORD_BYTES)).isFalse();
        assertThat(policy.keeps(2, RECORD_BYTES / 2)).isTrue();
        assertThat(policy.keeps(1, RECORD_BYTES / 2)).isFalse();
        assertThat(policy.keeps(1, RECORD_BYTES / 8)).isTrue();
        assertThat(policy.keeps(UseBits.USES_MAX, 4 * RECORD_BYTES)).isFalse();
    }

    @Test
    void asLongAsAllIsSavedUpOneUseIsEnoughForAnyLength() {
        for (int i = 0; i < 100; i++) {
            policy.admitted(SAVES_ALL);
            assertThat(policy.keeps(1, RECORD_BYTES)).isTrue();
        }
        policy.admitted(SAVES_ALL);
        assertThat(policy.keeps(1, 32 * RECORD_BYTES)).isTrue();
    }

    @Test
    void eachByteThatIsAdmittedAllowsAPartOfAByteToBeWrittenAgain() {
        policy.admitted(100 * RECORD_BYTES);
        assertThat(kept(UseBits.USES_MAX)).isEqualTo((int) (100 * EvictionPolicy.CREDIT_PER_BYTE));
    }

    @Test
    void noMoreThanAQuarterOfTheMaximumIsSavedUp() {
        policy.admitted(100 * SAVES_ALL);
        assertThat(kept(UseBits.USES_MAX)).isBetween(255, 256);
    }
}
