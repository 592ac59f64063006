package org.blobarena.arena;

/** How the bytes of complete files are read. A file that is still written is always read by position. */
public enum ReadMode {

    /** By a system call for each read. The memory of the process does not grow with what is read. */
    POSITIONAL,

    /**
     * From a mapping of each file into the address space, without a system call for bytes that are in the page cache. What is
     * read counts as resident memory of the process until the system takes it away, and a file that is not in the page
     * cache is read with more around it than was asked for. A mapping counts as a descriptor of the {@link
     * DescriptorBudget}.
     *
     * <p>A file that another program cuts short while it is mapped, or a device that fails, is an {@code IOException} if the JVM
     * tells of it at once. It may instead return bytes that were not read, and throw an {@link InternalError} in the same
     * thread a little later: a store finds such bytes by their checksum, an arena alone does not. Closing a file
     * unmaps it; before JDK 22 that takes the module {@code jdk.unsupported}, and is left to the garbage collector in a run-time image
     * without it. Temporary files without a name are read by position, and so is everything on Windows, where a file that is
     * mapped cannot be deleted, and where the system refuses to map.
     */
    MAPPED
}
