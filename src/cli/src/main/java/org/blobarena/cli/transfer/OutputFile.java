package org.blobarena.cli.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.commons.io.output.ProxyOutputStream;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.blobarena.arena.internal.io.Readers;
import org.blobarena.arena.internal.io.WholeFile;
import org.blobarena.cli.process.Failures;
import org.blobarena.cli.process.Leftovers;

/** A file that a command gives out; failures name the file that the user knows. */
public final class OutputFile implements Closeable {

    private final Path target;
    private final WholeFile whole;

    private OutputFile(Path target, WholeFile whole) {
        this.target = target;
        this.whole = whole;
    }

    /**
     * Begins a file, beside the one that it will replace: an observer finds the old one or the new one. A symbolic link
     * is replaced, not followed.
     *
     * @param target not a directory; the directory above it exists
     * @param readers who may read it if it is new
     */
    static OutputFile replacing(Path target, Readers readers) throws IOException {
        try {
            return new OutputFile(target, Leftovers.make(() -> WholeFile.replacing(target, readers), WholeFile::part));
        } catch (IOException e) {
            throw ofTarget(target, e);
        }
    }

    /** What a file gets. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Puts a whole file, or replaces the one that is there, or the one that a symbolic link leads to; but writes into a
     * pipe or a device.
     *
     * @param readers who may read it if it is new
     */
    public static void put(Path target, Readers readers, Content content) throws IOException {
        if (!Files.exists(target)) {
            if (Files.isSymbolicLink(target)) {
                throw new FileSystemException(target.toString(), null, "is a symbolic link that leads nowhere");
            }
            replace(target, readers, content);
        } else if (Files.isRegularFile(target) || Files.isDirectory(target)) {
            replace(target.toRealPath(), readers, content);
        } else {
            try (OutputStream out = named(target, Files.newOutputStream(target, StandardOpenOption.WRITE))) {
                content.writeTo(out);
            }
        }
    }

    private static void replace(Path target, Readers readers, Content content) throws IOException {
        try (OutputFile file = replacing(target, readers)) {
            try (OutputStream out = named(target, file.whole.out())) {
                content.writeTo(out);
            }
            file.commit();
        }
    }

    /** Writes all of it, once; how many bytes it has. */
    long write(InputStream content) throws IOException {
        try (OutputStream out = named(target, whole.out())) {
            return content.transferTo(out);
        }
    }

    /** Puts it on the device, and in its place. On any thread. */
    void commit() throws IOException {
        try {
            whole.commit();
        } catch (IOException e) {
            throw ofTarget(target, e);
        }
    }

    /** Leaves nothing of what was not committed. */
    @Override
    public void close() throws IOException {
        try {
            whole.close();
        } finally {
            Leftovers.settled(whole.part());
        }
    }

    private static OutputStream named(Path target, OutputStream out) {
        return new ProxyOutputStream(out) {
            @Override
            protected void handleIOException(IOException e) throws IOException {
                throw ofTarget(target, e);
            }
        };
    }

    /** Nobody knows the part by its name. */
    private static IOException ofTarget(Path target, IOException failure) {
        IOException noSpace = NoSpaceException.translate(failure, target, 0);
        if (noSpace instanceof NoSpaceException) {
            return noSpace;
        }
        String reason = failure instanceof FileSystemException ofFile ? Failures.reason(ofFile) : failure.getMessage();
        FileSystemException ofTarget = new FileSystemException(target.toString(), null, "cannot be written: " + reason);
        ofTarget.initCause(failure);
        return ofTarget;
    }
}
