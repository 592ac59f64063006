package org.blobarena.bench.macro;

import org.blobarena.bench.engine.Durability;

/**
 * One figure, a line of the results.
 *
 * @param value absent if the engine refused what was measured
 * @param note empty, or why there is no value
 * @param verified how many blobs the case compared byte by byte
 * @param quiet whether other processes left the processor alone
 * @param otherCores how much of it they took, in cores
 * @param attempts how often the case was run
 */
record Measurement(
        String engine,
        Durability durability,
        int blobBytes,
        int keys,
        String workload,
        Measure measure,
        String label,
        String unit,
        Double value,
        String note,
        long verified,
        boolean quiet,
        double otherCores,
        int attempts,
        String machine,
        String jdk,
        String date) {

    /** Whether a newer one takes the place of the other. */
    boolean sameAs(Measurement other) {
        return engine.equals(other.engine) && blobBytes == other.blobBytes && measure == other.measure;
    }
}
