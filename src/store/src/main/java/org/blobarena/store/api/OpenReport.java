package org.blobarena.store.api;

import java.time.Duration;
import java.util.List;

/**
 * What the opening of a store found.
 *
 * @param clean whether the last close was clean; if not, the index was rebuilt from the arena files
 * @param duration how long the opening took
 * @param tornBytes bytes of unfinished writes that were cut off or skipped; none was acknowledged with a durability
 *     that survives the crash
 * @param damageCount the number of other damaged places
 * @param damage the first thousand of them
 */
public record OpenReport(boolean clean, Duration duration, long tornBytes, long damageCount, List<Damage> damage) {}
