package org.blobarena.store.api;

/** The ways to store a blob. Each record says which was used, so the blobs of one store may differ. */
public enum Compression {

    /** Blobs are stored unchanged. */
    NONE,

    /**
     * Blobs are compressed with zstd at level 3, in blocks of 64 KiB, so that a part can be read without the rest. A
     * blob, or a block of a longer one, that does not get shorter is stored unchanged. Writing and reading need {@code
     * com.github.luben:zstd-jni} on the class path.
     */
    ZSTD
}
