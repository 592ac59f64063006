package org.blobarena.store;

import java.nio.file.Path;

/**
 * What one arena file holds at one moment.
 *
 * @param file its path
 * @param sealed whether it takes no more records
 * @param bytes its length
 * @param liveBytes bytes of records that are needed: values that can be read, and tombstones
 * @param deadBytes bytes of all other records
 * @param tombstones the number of tombstones in it
 */
public record FileStats(Path file, boolean sealed, long bytes, long liveBytes, long deadBytes, long tombstones) {}
