package org.blobarena.store.api;

import java.io.IOException;

/**
 * Thrown if bytes of a store are not what was written. It concerns the given place only; everything else stays
 * readable. Where the damaged file is the index, that is every key of one part of it; no blob is damaged then, and the next
 * opening of the store finds all of them.
 */
public final class CorruptBlobException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;

    /**
     * Makes the exception.
     *
     * @param file the path of the damaged file
     * @param offset of the damaged record or part of the index, in bytes
     * @param problem what was expected and what was found
     */
    public CorruptBlobException(String file, long offset, String problem) {
        super(file + ", offset " + offset + ": " + problem);
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
     * Returns the offset of the damaged record or part of the index.
     *
     * @return the offset in the file, in bytes
     */
    public long offset() {
        return offset;
    }
}
