package org.blobarena.arena.internal.lock;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.blobarena.arena.internal.channel.Interrupts;
import org.jspecify.annotations.Nullable;

/** Makes the names in a directory durable, where the system can do that. Safe from any thread. */
final class DirectoryForce {

    private static final System.Logger LOG = System.getLogger(DirectoryForce.class.getName());

    private final Path path;
    private final AtomicBoolean warned = new AtomicBoolean();

    DirectoryForce(Path path) {
        this.path = path;
    }

    /** Opens the descriptor to force, which no interrupt closes; null where directories are not opened. */
    @Nullable AsynchronousFileChannel open() throws IOException {
        try {
            return Interrupts.open(path, Set.of(StandardOpenOption.READ));
        } catch (AccessDeniedException e) {
            if (System.getProperty("os.name", "").startsWith("Windows")) {
                return null; // Windows keeps names in its journal.
            }
            throw e;
        }
    }

    /** Warns once where the file system cannot do it. */
    void force(AsynchronousFileChannel directory) throws IOException {
        try {
            directory.force(false);
        } catch (IOException e) {
            if (!isUnsupported(e)) {
                throw e;
            }
            if (!warned.getAndSet(true)) {
                LOG.log(Level.WARNING, "the file system of {0} cannot force a directory: names may be lost", path);
            }
        }
    }

    /**
     * Returns whether the system says that it cannot do this at all (EINVAL). The JDK gives no number, and the words
     * are those of the user's language, so they are compared with those for something that can never be done.
     */
    private static boolean isUnsupported(IOException failure) {
        Path any = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            Files.move(any, any.resolve("itself"), StandardCopyOption.ATOMIC_MOVE);
            return false;
        } catch (FileSystemException e) {
            return e.getReason() != null && e.getReason().equals(failure.getMessage());
        } catch (IOException e) {
            return false;
        }
    }
}
