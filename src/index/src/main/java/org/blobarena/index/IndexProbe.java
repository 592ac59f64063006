package org.blobarena.index;

import org.blobarena.arena.Location;

/**
 * A key, and the location of its record: what a look-up has found, or what is to be stored. One object serves any number of
 * look-ups and changes, by one thread at a time.
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
     * @param newHigh {@link KeyHash#high}
     * @param newLow {@link KeyHash#low}
     */
    public void set(long newHigh, long newLow) {
        high = newHigh;
        low = newLow;
    }

    /**
     * Sets the key.
     *
     * @param key the key
     */
    public void set(KeyHash key) {
        set(key.high(), key.low());
    }

    /**
     * Sets the location: what is to be stored, or, for implementations of the index, what was found or replaced.
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
     * Returns the location.
     *
     * @return a new object
     */
    public Location location() {
        return new Location(fileIndex, offset, length);
    }

    /**
     * Sets the location.
     *
     * @param location what is to be stored, or was found or replaced
     */
    public void found(Location location) {
        found(location.fileIndex(), location.offset(), location.length());
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
