package org.blobarena.format;

/** What a record is. */
public final class RecordType {

    /** A key and its payload. */
    public static final int VALUE = 1;

    /** A key that was removed; no payload. */
    public static final int TOMBSTONE = 2;

    /** Hashes and places of the records before it; no key. */
    public static final int INDEX_BLOCK = 3;

    /** The end of a sealed file; no key. */
    public static final int FOOTER = 4;

    /** A record whose put failed before it was acknowledged; its key and payload mean nothing. */
    public static final int VOID = 5;

    /** Ids of the files that this one replaces; no key. */
    public static final int LINEAGE = 6;

    private RecordType() {}

    /**
     * Returns whether a record of this type says something about a key.
     *
     * @param type one of the constants
     * @return true for a value and a tombstone
     */
    public static boolean isOfKey(int type) {
        return type == VALUE || type == TOMBSTONE;
    }
}
