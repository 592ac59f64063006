package org.blobarena.content;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;

/**
 * A file that says that one of the two stores of a content store is damaged, from the opening that finds it until a repair.
 *
 * <p>No opening deletes it, since none can know that all is there: one that trusts the index of a clean close does not read
 * the files, and one after a crash cannot miss a file that is gone. For the same reason the loss of a file is noted before
 * the mark is removed that shows it. The existence of the note is what counts; its text is for people.
 */
final class DamageNote {

    private static final String LOST = "lost: ";
    private static final String DAMAGED = "damaged: ";
    private static final int BYTES_MAX = 64 * 1024;

    private final Path file;

    DamageNote(Path file) {
        this.file = file;
    }

    /** Whether there is one; a link or a directory of this name counts as well. */
    boolean exists() {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Notes a file that is gone, or the end of one, for which an opening was refused.
     *
     * @throws CorruptBlobException if it was refused for something else
     */
    void addLost(CorruptBlobException refusal) throws IOException {
        if (!refusal.file().endsWith(".arena")) {
            throw refusal;
        }
        add(LOST + refusal.getMessage() + "\n");
    }

    /** Notes what stays to be found in the files. */
    void addDamage(List<Damage> damage) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Damage each : damage) {
            text.append(DAMAGED).append(each).append('\n');
        }
        add(text.toString());
    }

    private void add(String text) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            long end = channel.size();
            if (end < BYTES_MAX) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    end += channel.write(bytes, end);
                }
            }
            channel.force(true);
        }
        forceName();
    }

    /** What no repair can find any more. */
    List<String> lost() throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        return text.lines()
                .filter(line -> line.startsWith(LOST))
                .map(line -> line.substring(LOST.length()))
                .distinct()
                .toList();
    }

    /** Gives another store this note as well, if there is one. */
    void copyTo(DamageNote other) throws IOException {
        if (exists()) {
            other.add(
                    Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                            ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                            : "");
        }
    }

    void delete() throws IOException {
        if (Files.deleteIfExists(file)) {
            forceName();
        }
    }

    private void forceName() throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel entries = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
                entries.force(true);
            }
        }
    }
}
