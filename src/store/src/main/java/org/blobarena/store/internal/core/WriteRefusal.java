package org.blobarena.store.internal.core;

import java.io.IOException;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.store.api.WritesRefusedException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a store takes writes, and why not: once it refuses them, it does so until it is reopened.
 *
 * <p>Writing ends with a failed force of a file, with an index that cannot follow the files, and with the loss of the
 * directory to another process. The last can be found by anything that touches the directory or writes to a file of it,
 * so all of that runs through {@link #watch}.
 *
 * <p>Safe from any thread. A writer that has passed {@link #require} may be appending while writes are refused by another
 * thread; whether its record counts is decided by its own flush or force.
 */
public final class WriteRefusal {

    private volatile @Nullable Throwable cause;

    /** Something that touches the directory. */
    @FunctionalInterface
    public interface Step {

        void run() throws IOException;
    }

    /** Makes something in the directory. */
    @FunctionalInterface
    public interface Making<T> {

        T make() throws IOException;
    }

    /** @throws WritesRefusedException if no writes are taken */
    public void require() throws WritesRefusedException {
        Throwable present = cause;
        if (present != null) {
            throw new WritesRefusedException(present);
        }
    }

    public boolean isRefused() {
        return cause != null;
    }

    /** Ends writing. */
    public void refuse(Throwable reason) {
        cause = reason;
    }

    /**
     * Takes a step, and ends writing if it finds that the directory is lost.
     *
     * @throws WritesRefusedException if it is
     */
    public void watch(Step step) throws IOException {
        try {
            step.run();
        } catch (DirectoryLostException e) {
            throw refused(e);
        }
    }

    /**
     * Makes something, and ends writing if that finds that the directory is lost.
     *
     * @throws WritesRefusedException if it is
     */
    public <T> T watchMaking(Making<T> making) throws IOException {
        try {
            return making.make();
        } catch (DirectoryLostException e) {
            throw refused(e);
        }
    }

    /** Ends writing, since the directory is lost; returns what the writer gets that has found it so. */
    public WritesRefusedException refused(DirectoryLostException reason) {
        refuse(reason);
        return new WritesRefusedException(reason);
    }
}
