package org.blobarena.store.api;

import java.util.List;

/**
 * What a verification read and found.
 *
 * @param keys the number of keys in the index
 * @param records the number of records read
 * @param bytes bytes of arena files read
 * @param damageCount the number of damaged places
 * @param damage the first thousand of them
 */
public record VerifyReport(long keys, long records, long bytes, long damageCount, List<Damage> damage) {

    /**
     * Returns whether nothing is damaged.
     *
     * @return whether nothing is damaged
     */
    public boolean isIntact() {
        return damageCount == 0;
    }
}
