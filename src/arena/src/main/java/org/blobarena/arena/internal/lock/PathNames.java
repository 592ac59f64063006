package org.blobarena.arena.internal.lock;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.jspecify.annotations.Nullable;

/**
 * Names below the path of a directory. Before each use, the path is asked whether it still leads to that directory. (On
 * Windows, where a directory has no identity, this finds only that it is gone.)
 */
final class PathNames implements Names {

    private final Path directory;
    private final @Nullable Object key;

    /** The names of a directory at its real path. */
    PathNames(Path directory) throws IOException {
        this.directory = directory;
        this.key = key(directory);
    }

    /** Returns what tells a file from all others, under whatever name; null where the system cannot tell. */
    static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Refuses to go on when the path leads elsewhere. */
    void requireSame() throws IOException {
        Object found;
        try {
            found = key(directory);
        } catch (NoSuchFileException e) {
            throw moved();
        }
        if (!Objects.equals(key, found)) {
            throw moved();
        }
    }

    private DirectoryLostException moved() {
        return new DirectoryLostException(directory + " was moved or replaced while it was in use");
    }

    @Override
    public FileChannel open(String name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        requireSame();
        return FileChannel.open(directory.resolve(name), options, attributes);
    }

    @Override
    public BasicFileAttributes attributes(String name) throws IOException {
        requireSame();
        return Files.readAttributes(directory.resolve(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public @Nullable PosixFileAttributeView owner(String name) throws IOException {
        requireSame();
        return Files.getFileAttributeView(
                directory.resolve(name), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public List<String> list() throws IOException {
        requireSame();
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    @Override
    public void move(String from, String to) throws IOException {
        requireSame();
        Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        if (attributes(name).isDirectory()) {
            throw new FileSystemException(directory.resolve(name).toString(), null, "is a directory");
        }
        Files.delete(directory.resolve(name));
    }
}
