package org.blobarena.cli.archive;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.NameException;
import org.blobarena.cli.transfer.Names;

/** Writes the members of an archive, one after the other. */
interface ArchiveWriter extends Closeable {

    /**
     * Returns the name that a key has in the archive.
     *
     * @param names what it would be for a file
     * @throws NameException if it can have none
     */
    default Names.Name name(Key key, Names names) throws NameException {
        return names.name(key);
    }

    /** Returns whether names are paths of files, and none may lie below another. */
    default boolean hasPaths() {
        return true;
    }

    /** Returns what gets the bytes of each member before it is added, for a checksum that stands before them. */
    default OutputStream preview() {
        return OutputStream.nullOutputStream();
    }

    /**
     * Writes one member.
     *
     * @param name as {@link #name} gave it
     * @param bytes how many it has
     * @param content has so many
     */
    void add(String name, long bytes, InputStream content) throws IOException;

    /** Writes the end, without which the archive is not whole. */
    void finish() throws IOException;

    /** Gives back what the writer has, of memory, and writes nothing. */
    @Override
    void close() throws IOException;
}
