package org.blobarena.store.api;

/** The events that a write survives once it has returned. */
public enum Durability {

    /** The write is in a buffer of the process and is lost with the process. For scratch data. */
    BUFFERED,

    /** The write was handed to the operating system. It survives the death of the process, but not of the system. */
    WRITTEN,

    /** The write is on the device. It survives a loss of power. Concurrent callers share one force. */
    FORCED
}
