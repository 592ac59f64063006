package org.blobarena.content;

import java.util.List;
import org.blobarena.store.api.RepairReport;

/**
 * What a repair of a content store found and did.
 *
 * @param names of the store of the names
 * @param contents of the store of the contents
 * @param lostFiles what openings had found to be missing since the last repair, in words: files, or ends of files. What they
 *     held is not known
 * @param unbound the names that are unbound now since their content is lost
 */
public record ContentRepairReport(
        RepairReport names, RepairReport contents, List<String> lostFiles, List<String> unbound) {

    /**
     * Returns whether every name is bound as it was, to content that reads as it was put.
     *
     * @return whether nothing was lost
     */
    public boolean isLossless() {
        return names.isLossless() && contents.isLossless() && lostFiles.isEmpty() && unbound.isEmpty();
    }
}
