package org.blobarena.index;

/**
 * A key to look up, and where its record was found: one object for any number of look-ups, by one thread at a time.
 */
public final class IndexProbe {

    private long high;
    private long low;
    private long fileIndex;
    private long offset;
    private long length;

    /** Makes a probe without a key. */
    public IndexProbe() {}

    /**
     * Sets the key.
     *
     * @param hash {@link KeyHash#high} and {@link KeyHash#low}
     */
    public void set(long[] hash) {
        set(hash[0], hash[1]);
    }

    /**
     * Sets the key.
     *
     * @param newHigh {@link KeyHash#high}
     * @param newLow {@link KeyHash#low}
     */
    public void set(long newHigh, long newLow) {
        high = newHigh;
        low = newLow;
    }

    /**
     * Sets what was found; for implementations of the index.
     *
     * @param newFileIndex as in a location
     * @param newOffset as in a location
     * @param newLength as in a location
     */
    public void found(long newFileIndex, long newOffset, long newLength) {
        fileIndex = newFileIndex;
        offset = newOffset;
        length = newLength;
    }

    /**
     * Returns the first half of the key.
     *
     * @return {@link KeyHash#high}
     */
    public long high() {
        return high;
    }

    /**
     * Returns the second half of the key.
     *
     * @return {@link KeyHash#low}
     */
    public long low() {
        return low;
    }

    /**
     * Returns the key.
     *
     * @return a new object
     */
    public KeyHash hash() {
        return new KeyHash(high, low);
    }

    /**
     * Returns the index of the file that has the record.
     *
     * @return 0 to 2^32 - 1
     */
    public long fileIndex() {
        return fileIndex;
    }

    /**
     * Returns the offset of the record.
     *
     * @return 0 to 2^32 - 1
     */
    public long offset() {
        return offset;
    }

    /**
     * Returns the length of the record.
     *
     * @return bytes, 0 to 2^32 - 1
     */
    public long length() {
        return length;
    }
}
