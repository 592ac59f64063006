package org.blobarena.store;

/** What a write has survived when it is acknowledged. */
public enum Durability {

    /** It stands in the process's buffer: lost with the process. For scratch data. */
    BUFFERED,

    /** It was handed to the operating system: survives the death of the process, not of the system. */
    WRITTEN,

    /** It is on the device: survives the loss of power. Callers that come together share one force. */
    FORCED
}
