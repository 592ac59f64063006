package org.blobarena.index.table;

/**
 * With how many segments of what size a table begins.
 *
 * @param depth by how many bits of the hash its segments are told apart
 * @param blocksPerSegment of each
 */
record TableGeometry(int depth, int blocksPerSegment) {

    /** Hashes are spread so that no segment of a table has more keys than the mean by so many times its root. */
    private static final int DEVIATIONS = 5;

    /** Returns the smallest table that takes so many keys without growing, or the largest that there is to begin with. */
    static TableGeometry forExpectedKeys(long keys) {
        int depth = TableLayout.DEPTH_MIN;
        while (depth < TableLayout.DEPTH_MAX && keysMax(keys, depth) > roomIn(TableLayout.SEGMENT_BLOCKS_MAX)) {
            depth++;
        }
        int blocks = TableLayout.SEGMENT_BLOCKS_MIN;
        while (blocks < TableLayout.SEGMENT_BLOCKS_MAX && keysMax(keys, depth) > roomIn(blocks)) {
            blocks++;
        }
        return new TableGeometry(depth, blocks);
    }

    int segments() {
        return 1 << depth;
    }

    private static double keysMax(long keys, int depth) {
        double mean = (double) keys / (1 << depth);
        return mean + DEVIATIONS * Math.sqrt(mean);
    }

    private static int roomIn(int blocks) {
        return TableGrowth.limit(Slots.count(blocks), 0);
    }
}
