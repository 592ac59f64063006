package org.blobarena.cli.archive;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.NameException;
import org.blobarena.cli.text.RawText;
import org.blobarena.cli.transfer.Names;
import org.jspecify.annotations.Nullable;

/** Reads the members of an archive, one after the other, without going back. */
interface ArchiveReader extends Closeable {

    /**
     * One member, until the next is read.
     *
     * @param name its bytes as they stand in the archive, or as UTF-8 where that has text, as {@link RawText}
     * @param bytes how many it has, or -1 when that is known at its end only
     * @param content its bytes, which need not be read; a failure is one of the whole archive. Empty for links
     * @param link the name of a member before it that has its bytes, or null
     * @param problem why it cannot be read, though others can, or null
     */
    record Member(
            String name,
            long bytes,
            InputStream content,
            @Nullable String link,
            @Nullable String problem) {}

    /**
     * Returns the next member that a tree of files would have as a regular file; null at the end.
     *
     * @throws IOException if the archive is cut off or damaged
     */
    @Nullable Member next() throws IOException;

    /**
     * Returns the key that a name says, or null for what trees of files pass over, and for the key of another.
     *
     * @param name as a member has it
     * @throws NameException if it says none
     */
    default @Nullable Key key(String name, Names names, Names.Sidecars sidecars) throws IOException {
        String path = name;
        while (path.startsWith("./")) { // As "tar -c ." has it.
            path = path.substring(2);
        }
        if (Names.isPart(path)) {
            return null;
        }
        Names.requirePath(path);
        return names.key(Key.of(path), sidecars);
    }
}
