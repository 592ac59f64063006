package org.blobarena.content;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.OpenReport;

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

    /** Before anything is made. */
    void requireUsable() throws IOException {
        if (Files.exists(names()) || !Files.isDirectory(directory)) {
            return;
        }
        if (Files.exists(contents())) {
            throw new NotAStoreException(directory + " has contents but no directory " + names()
                    + ": without the names, all content would be taken for content without a name");
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
        if (names > 0 && !Files.exists(contents())) {
            throw new NotAStoreException(directory + " has " + names + " names but no directory " + contents()
                    + " with what they are bound to");
        }
    }

    /**
     * Notes damage that an opening has found in the names, until one that reads all files finds none. One that trusts the
     * index of a clean close sees no damage, although names may be lost to it.
     *
     * @return whether there is damage that nobody has repaired
     */
    boolean noteDamage(OpenReport ofNames) throws IOException {
        Path note = directory.resolve("NAMES-DAMAGED");
        if (ofNames.damageCount() > 0) {
            try (FileChannel made = FileChannel.open(note, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                made.force(true);
            }
            forceEntries();
        } else if (!ofNames.clean()) {
            Files.deleteIfExists(note);
        }
        return Files.exists(note);
    }

    /** Before the names are closed: else a loss of power could take the note and spare the mark of the close. */
    private void forceEntries() throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
                entries.force(true);
            }
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
