package org.blobarena.index.chronicle;

/** There is no room for one more key: in its segment, or in the larger map as long as entries are still moved there. */
final class NoRoomException extends Exception {

    private static final long serialVersionUID = 1L;

    NoRoomException() {
        super("the index has no room for one more key", null, false, false);
    }
}
