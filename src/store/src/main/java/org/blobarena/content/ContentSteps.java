package org.blobarena.content;

/** Watches what writes and collections of a content store do, and may hold them there. For tests. */
@FunctionalInterface
interface ContentSteps {

    /** Where a write or a collection is. */
    enum Step {
        /** A write has pinned its digest, and looks for the content next. */
        PINNED,
        /** The content of a write is there, and its name is written next. */
        PRESENT,
        /** A write has done everything but to unpin its digest. */
        WRITTEN,
        /** A collection has begun, and reads the names next. */
        BEGUN,
        /** A collection has read one more name. */
        NAME_READ,
        /** A collection has read all names. */
        NAMES_READ,
        /** A collection has forced what there is. */
        FORCED,
        /** A collection has found contents without a name. */
        UNNAMED,
        /** A collection has doomed those that nobody uses, and removes them next. */
        DOOMED,
        /** A collection has removed them. */
        REMOVED,
        /** A collection has let those go on that wait for one of them. */
        SETTLED
    }

    /** Watches nothing. */
    ContentSteps NONE = step -> {};

    /** Called in the thread that writes or collects, with no lock held but that of collections. */
    void at(Step step);
}
