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
    // The key as it stands in memory; an array because the hash function of Chronicle Map takes one.
    private final long[] words = new long[2];

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

    void set(long newHigh, long newLow) {
        high = newHigh;
        low = newLow;
        words[0] = KeyHashMarshaller.word(newHigh);
        words[1] = KeyHashMarshaller.word(newLow);
    }

    /**
     * Sets what was found; for implementations of the index.
     *
     * @param newFileIndex as in a location
     * @param newOffset as in a location
     * @param newLength as in a location
     */
    void found(long newFileIndex, long newOffset, long newLength) {
        fileIndex = newFileIndex;
        offset = newOffset;
        length = newLength;
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

    /** The key as Chronicle Map keeps it. */
    long[] words() {
        return words;
    }
}
