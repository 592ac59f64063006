package org.blobarena.arena;

import java.nio.file.Path;
import java.util.Objects;
import org.blobarena.arena.internal.file.FileOptions;

/** How arena files are made and read. Immutable. */
public final class ArenaOptions {

    /** The most that an arena file can hold: every byte has an unsigned 32-bit offset. */
    public static final long FILE_BYTES_LIMIT = FileOptions.FILE_BYTES_LIMIT;

    private static final ArenaOptions DEFAULTS = builder().build();

    private final int bufferBytes;
    private final long fileBytesMax;
    private final Path temporaryDirectory;
    private final DescriptorBudget descriptors;
    private final ReadMode readMode;

    private ArenaOptions(Builder builder) {
        bufferBytes = builder.bufferBytes;
        fileBytesMax = builder.fileBytesMax;
        temporaryDirectory = builder.temporaryDirectory;
        descriptors = builder.descriptors;
        readMode = builder.readMode;
    }

    /**
     * Returns the default options.
     *
     * @return the defaults
     */
    public static ArenaOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Returns a builder that has the default options.
     *
     * @return a builder, for one thread
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the size of a writer's buffer.
     *
     * @return bytes
     */
    public int bufferBytes() {
        return bufferBytes;
    }

    /**
     * Returns the greatest length of a file.
     *
     * @return bytes
     */
    public long fileBytesMax() {
        return fileBytesMax;
    }

    /**
     * Returns the directory of temporary files.
     *
     * @return an existing directory
     */
    public Path temporaryDirectory() {
        return temporaryDirectory;
    }

    /**
     * Returns the budget that open files count against.
     *
     * @return the budget
     */
    public DescriptorBudget descriptors() {
        return descriptors;
    }

    /**
     * Returns how complete files are read.
     *
     * @return the mode
     */
    public ReadMode readMode() {
        return readMode;
    }

    /** Returns what of them concerns one file. */
    FileOptions ofFile() {
        return new FileOptions(bufferBytes, fileBytesMax, descriptors.channels(), readMode == ReadMode.MAPPED);
    }

    /** Collects options. For one thread. */
    public static final class Builder {

        private int bufferBytes = FileOptions.BUFFER_BYTES;
        private long fileBytesMax = FILE_BYTES_LIMIT;
        private Path temporaryDirectory = TemporaryDirectories.byDefault();
        private DescriptorBudget descriptors = DescriptorBudget.shared();
        private ReadMode readMode = ReadMode.POSITIONAL;

        private Builder() {}

        /**
         * Sets the size of a writer's buffer, off the heap; a writer that flushes while others push uses two.
         *
         * @param bytes 512 or more; 65,536 when not set
         * @return this
         * @throws IllegalArgumentException if it is less than 512
         */
        public Builder bufferBytes(int bytes) {
            if (bytes < 512) {
                throw new IllegalArgumentException("a buffer of " + bytes + " bytes is less than 512");
            }
            bufferBytes = bytes;
            return this;
        }

        /**
         * Sets the greatest length of a file.
         *
         * @param bytes 1 to {@value #FILE_BYTES_LIMIT}; the latter when not set
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder fileBytesMax(long bytes) {
            if (bytes < 1 || bytes > FILE_BYTES_LIMIT) {
                throw new IllegalArgumentException(
                        "a file limit of " + bytes + " bytes is not 1 to " + FILE_BYTES_LIMIT);
            }
            fileBytesMax = bytes;
            return this;
        }

        /**
         * Sets the directory of temporary files. On tmpfs or ramfs these are in memory, and a warning is logged.
         *
         * <p>When not set, it is the directory that the environment variable {@code TMPDIR} names, if that can be written
         * to, or else the JVM's {@code java.io.tmpdir}. A {@code TMPDIR} that cannot be used is logged.
         *
         * @param directory an existing directory
         * @return this
         */
        public Builder temporaryDirectory(Path directory) {
            temporaryDirectory = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /**
         * Sets the budget that files open for reading count against, temporary files included.
         *
         * @param budget the budget; {@link DescriptorBudget#shared} when not set
         * @return this
         */
        public Builder descriptors(DescriptorBudget budget) {
            descriptors = Objects.requireNonNull(budget, "budget");
            return this;
        }

        /**
         * Sets how files are read once they are complete.
         *
         * @param mode the mode; {@link ReadMode#POSITIONAL} when not set
         * @return this
         */
        public Builder readMode(ReadMode mode) {
            readMode = Objects.requireNonNull(mode, "mode");
            return this;
        }

        /**
         * Builds the options.
         *
         * @return the options, immutable
         */
        public ArenaOptions build() {
            return new ArenaOptions(this);
        }
    }
}
