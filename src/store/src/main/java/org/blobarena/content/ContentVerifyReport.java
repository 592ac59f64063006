package org.blobarena.content;

import java.util.List;
import org.blobarena.store.api.VerifyReport;

/**
 * What a verification of a content store has read and found.
 *
 * @param names of the store of the names
 * @param contents of the store of the contents
 * @param unboundCount the number of names that can be read and whose content is not there
 * @param unbound the first thousand of them
 */
public record ContentVerifyReport(VerifyReport names, VerifyReport contents, long unboundCount, List<String> unbound) {

    /**
     * Returns whether nothing is wrong.
     *
     * @return whether no damage was found and each name has its content
     */
    public boolean isIntact() {
        return names.damageCount() == 0 && contents.damageCount() == 0 && unboundCount == 0;
    }
}
