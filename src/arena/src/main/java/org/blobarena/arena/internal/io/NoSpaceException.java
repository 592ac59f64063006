package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * A device is full, or a quota used up: the operation would succeed with more space.
 *
 * <p>That is told from the space that is left. The JDK says no more than the words of the system, which are those of the
 * user's language, so they only add to it: a quota, or a full table of files, may be reported as any other failure.
 * Nothing but the type of an exception depends on it.
 */
public final class NoSpaceException extends IOException {

    private static final long serialVersionUID = 1L;

    // A second sign, for a full table of files, a quota, and space that came back before it was looked at.
    private static final Set<String> WORDS = words();

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
    public static IOException translate(IOException failure, Path file, long neededBytes) {
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
     * @throws NoSpaceException if it is known that there is less
     */
    public static void requireUsable(Directory directory, String name, long neededBytes) throws NoSpaceException {
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

    /** Those of English systems, and what this one says of a device that is always full, where it has one. */
    private static Set<String> words() {
        Set<String> words =
                new HashSet<>(Set.of("No space left on device", "Disk quota exceeded", "not enough space on the disk"));
        Path full = Path.of("/dev/full");
        if (Files.exists(full) && !Files.isRegularFile(full)) {
            try (SeekableByteChannel device = Files.newByteChannel(full, StandardOpenOption.WRITE)) {
                device.write(ByteBuffer.allocate(1));
            } catch (IOException e) {
                words.add(String.valueOf(e.getMessage()));
            }
        }
        return words;
    }

    static boolean isSaid(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return WORDS.stream().anyMatch(message::contains);
    }
}
