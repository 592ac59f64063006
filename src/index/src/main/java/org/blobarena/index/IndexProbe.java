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

    /** A probe of no key yet. */
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
     * The first half of the key.
     *
     * @return {@link KeyHash#high}
     */
    public long high() {
        return high;
    }

    /**
     * The second half of the key.
     *
     * @return {@link KeyHash#low}
     */
    public long low() {
        return low;
    }

    /**
     * The key.
     *
     * @return a new object
     */
    public KeyHash hash() {
        return new KeyHash(high, low);
    }

    /**
     * The file of the record that was found.
     *
     * @return its index, 0 to 2^32 - 1
     */
    public long fileIndex() {
        return fileIndex;
    }

    /**
     * The first byte of the record that was found.
     *
     * @return its offset, 0 to 2^32 - 1
     */
    public long offset() {
        return offset;
    }

    /**
     * The length of the record that was found.
     *
     * @return bytes, 0 to 2^32 - 1
     */
    public long length() {
        return length;
    }
}
