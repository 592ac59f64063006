package org.blobarena.format;

import org.jspecify.annotations.Nullable;

/** Bytes that are not what the format says. Who reads them knows the file and adds its name. */
public final class FormatException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String problem;
    private final boolean unsupported;

    private FormatException(String message, boolean unsupported) {
        super(message);
        this.problem = message;
        this.unsupported = unsupported;
    }

    /**
     * Describes bytes that no version of the format writes.
     *
     * @param what the field and where it stands
     * @param expected what should be there
     * @param found what is there
     * @return the exception
     */
    public static FormatException corrupt(String what, @Nullable Object expected, @Nullable Object found) {
        return new FormatException(what + ": expected " + expected + ", found " + found, false);
    }

    /**
     * Describes bytes of a version that this library does not know.
     *
     * @param what the field
     * @param known the newest version known
     * @param found the version found
     * @return the exception
     */
    public static FormatException unsupported(String what, int known, int found) {
        return new FormatException(
                what + " is of format version " + Integer.toUnsignedString(found) + ", this library knows up to "
                        + known,
                true);
    }

    /** Returns what was expected and what was found; never null. */
    @Override
    public String getMessage() {
        return problem;
    }

    /**
     * Returns whether the bytes are of another version rather than damaged.
     *
     * @return true for another version
     */
    public boolean isUnsupported() {
        return unsupported;
    }
}
