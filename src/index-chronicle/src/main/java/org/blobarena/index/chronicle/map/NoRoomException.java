package org.blobarena.index.chronicle.map;

/** There is no room for one more key: in its segment, or in the larger map as long as entries are still moved there. */
public final class NoRoomException extends Exception {

    private static final long serialVersionUID = 1L;

    public NoRoomException() {
        super("the index has no room for one more key", null, false, false);
    }
}
