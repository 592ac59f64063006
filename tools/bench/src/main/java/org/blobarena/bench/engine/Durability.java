package org.blobarena.bench.engine;

/** Which acknowledged puts survive. None of the engines forces to the device before it acknowledges. */
public enum Durability {
    /** With the operating system before they are acknowledged: they survive kill -9. */
    WRITTEN,
    /** Some of the last are lost with the process. */
    BUFFERED,
    /** After kill -9 the whole store may be unusable. */
    CLOSED
}
