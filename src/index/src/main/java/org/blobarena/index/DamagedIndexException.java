package org.blobarena.index;

/**
 * The file of an index holds what the index did not write. Nothing that it says is believed: the index fails every call that needs
 * the damaged part, is not closed for reopening, and is made anew by the next opening of the store.
 */
public final class DamagedIndexException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;

    /**
     * Makes an exception.
     *
     * @param file the path of the file
     * @param offset where the damaged part begins, in bytes
     * @param problem what was found
     */
    public DamagedIndexException(String file, long offset, String problem) {
        super("index file " + file + ", offset " + offset + ": " + problem);
        this.file = file;
        this.offset = offset;
    }

    /**
     * Returns the damaged file.
     *
     * @return its path
     */
    public String file() {
        return file;
    }

    /**
     * Returns where the damaged part begins.
     *
     * @return the offset in the file, in bytes
     */
    public long offset() {
        return offset;
    }
}
