package org.blobarena.store.api;

import java.nio.file.Path;

/**
 * What one arena file holds at one moment.
 *
 * @param file its path
 * @param sealed whether it accepts no more records
 * @param bytes its length
 * @param liveBytes bytes of the records that are needed: values that can be read, and tombstones
 * @param deadBytes bytes of all other records
 * @param tombstones the number of its tombstones
 */
public record FileStats(Path file, boolean sealed, long bytes, long liveBytes, long deadBytes, long tombstones) {}
