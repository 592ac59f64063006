package org.blobarena.store;

/** How blobs are stored. Each record says it of itself, so blobs of a store may differ, and are read all the same. */
public enum Compression {

    /** As they are. */
    NONE,

    /**
     * By zstd at level 3, in blocks of 64 KiB, so that a part can be read without the rest. Blobs, and blocks of long
     * ones, that get no shorter are stored as they are. Needs {@code com.github.luben:zstd-jni} on the class path, to
     * write and to read them again.
     */
    ZSTD
}
