package org.blobarena.content;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.blobarena.store.api.NotAStoreException;

/**
 * The directory of a content store.
 *
 * <p>The store of the names is made first and opened first. So where contents are, names are too, and a store whose names were
 * deleted by mistake is refused, rather than taken for one in which no content has a name.
 */
final class ContentDirectory {

    private static final Pattern SPOOL = Pattern.compile("blobarena-[0-9]+\\.arena");

    private final Path directory;

    ContentDirectory(Path directory) {
        this.directory = directory;
    }

    Path names() {
        return directory.resolve("names");
    }

    Path contents() {
        return directory.resolve("contents");
    }

    /** Says that names may be lost, so that nothing may be collected. */
    DamageNote namesNote() {
        return new DamageNote(directory.resolve("NAMES-DAMAGED"));
    }

    /** Says that contents may be lost, so that no name may be unbound for the want of one. */
    DamageNote contentsNote() {
        return new DamageNote(directory.resolve("CONTENTS-DAMAGED"));
    }

    /** Before anything is made. */
    void requireUsable() throws IOException {
        if (isStore(names()) || !Files.isDirectory(directory)) {
            return;
        }
        if (isStore(contents())) {
            throw new NotAStoreException(directory + " has contents but no store " + names()
                    + ": without the names, all content would be taken for content without a name");
        }
        if (Files.isDirectory(names())) {
            return; // A crash while the first store was made; that store says what it thinks of its directory.
        }
        requireEmpty();
    }

    /** Before a repair. */
    void requireBoth() throws NotAStoreException {
        if (!isStore(names()) || !isStore(contents())) {
            throw new NotAStoreException(
                    directory + " holds no content store: it needs a store " + names() + " and a store " + contents());
        }
    }

    private static boolean isStore(Path store) {
        return Files.exists(store.resolve("STORE"), LinkOption.NOFOLLOW_LINKS);
    }

    /** Refuses a directory that is there and has anything in it. */
    void requireEmpty() throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> present = Files.newDirectoryStream(directory)) {
            for (Path path : present) {
                throw new NotAStoreException(directory + " holds no content store (it has no directory " + names()
                        + ") but other files, such as " + path.getFileName());
            }
        }
    }

    /** Before contents are made. */
    void requireContentsOf(long names) throws NotAStoreException {
        if (names > 0 && !isStore(contents())) {
            throw new NotAStoreException(
                    directory + " has " + names + " names but no store " + contents() + " with what they are bound to");
        }
    }

    /** Deletes what a process has left that was killed between the making of a temporary file and the deletion of its name. */
    void deleteSpools() throws IOException {
        try (DirectoryStream<Path> present = Files.newDirectoryStream(directory, "blobarena-*.arena")) {
            for (Path path : present) {
                if (SPOOL.matcher(String.valueOf(path.getFileName())).matches()
                        && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }
}
