package org.blobarena.content;

import org.blobarena.store.api.StoreStats;

/**
 * Figures of the two stores in a content store.
 *
 * @param names of the store that has a key for each name
 * @param contents of the store that has a key for each distinct content
 * @param namesLost whether an opening has found damage in the names that nobody has {@linkplain ContentStore#repair
 *     repaired}, so that nothing is collected
 * @param contentsLost the same of the contents, so that no name is unbound for the want of its content
 */
public record ContentStats(StoreStats names, StoreStats contents, boolean namesLost, boolean contentsLost) {}
