package org.blobarena.arena.io;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A device is full, or a quota used up: the operation would succeed with more space. */
public final class NoSpaceException extends IOException {

    private static final long serialVersionUID = 1L;

    // The JDK hands the system's words on and nothing else. They are a second sign, for a full table of files, a
    // quota, and space that came back before it was looked at.
    private static final List<String> WORDS =
            List.of("No space left on device", "Disk quota exceeded", "not enough space on the disk");

    private NoSpaceException(Path file, long neededBytes, long usableBytes) {
        super("No space left for " + file + ": " + neededBytes + " bytes needed, " + usableBytes + " usable");
    }

    NoSpaceException(Path file, Space space) {
        this(file, space.neededBytes, space.usableBytes);
    }

    /** What an operation needed of a device, and what there was. */
    record Space(long neededBytes, long usableBytes) {}

    /**
     * Says of a failed write whether space was lacking.
     *
     * @param failure of the write
     * @param file which was written
     * @param neededBytes what was still to be written; 0 when only the system knows
     * @return an exception of this class with the failure as its cause, or the failure itself
     */
    public static IOException orSame(IOException failure, Path file, long neededBytes) {
        if (failure instanceof NoSpaceException || failure instanceof ClosedChannelException) {
            return failure;
        }
        long usableBytes;
        try {
            usableBytes = usableBytes(file);
        } catch (IOException e) {
            failure.addSuppressed(e);
            return failure;
        }
        if (usableBytes >= neededBytes && !isSaid(failure)) {
            return failure;
        }
        NoSpaceException result = new NoSpaceException(file, neededBytes, usableBytes);
        result.initCause(failure);
        return result;
    }

    /**
     * Keeps space free for what is more important.
     *
     * @param directory where the space is wanted
     * @param name of the file that wants it
     * @param neededBytes how much there must be
     * @throws NoSpaceException if there is less
     * @throws IOException if it is not known
     */
    public static void requireUsable(Directory directory, String name, long neededBytes) throws IOException {
        long usableBytes = directory.usableBytes();
        if (usableBytes < neededBytes) {
            throw new NoSpaceException(directory.path().resolve(name), neededBytes, usableBytes);
        }
    }

    /** Of the device of a file, which may have lost its name. */
    static long usableBytes(Path file) throws IOException {
        Path existing = file.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        return Files.getFileStore(existing).getUsableSpace();
    }

    private static boolean isSaid(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return WORDS.stream().anyMatch(message::contains);
    }
}
