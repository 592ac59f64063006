package org.blobarena.arena.internal.io;

/** One change of a simulated device, in the order in which the system was told. Files are numbered as inodes are. */
sealed interface DeviceOperation {

    /** A name for a new, empty file. */
    record Create(String name, int file) implements DeviceOperation {}

    /** Bytes at an offset. */
    final class Write implements DeviceOperation {

        private final int file;
        private final long offset;
        private final byte[] bytes;

        Write(int file, long offset, byte[] bytes) {
            this.file = file;
            this.offset = offset;
            this.bytes = bytes;
        }

        int file() {
            return file;
        }

        long offset() {
            return offset;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    /** A shorter length. */
    record Truncate(int file, long size) implements DeviceOperation {}

    /** All bytes of a file made durable. */
    record ForceFile(int file) implements DeviceOperation {}

    /**
     * A force that the device has refused. The system then holds all bytes of the file for written, whether they are or
     * not.
     *
     * @param seed which of them are
     */
    record ForceFailed(int file, long seed) implements DeviceOperation {}

    /** Another name, in place of a file that may have it. */
    record Rename(String from, String to) implements DeviceOperation {}

    /** A name removed. */
    record Delete(String name) implements DeviceOperation {}

    /** All names made durable. */
    record ForceDirectory() implements DeviceOperation {}
}
