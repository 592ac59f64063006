package org.blobarena.store.internal.recovery;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.arena.internal.io.DirectoryLockedException;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.arena.internal.io.MemoryFileSystems;
import org.blobarena.arena.internal.io.UnforcedDirectory;
import org.blobarena.format.FileNames;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.StoreSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens stores that are deleted when they are closed, and deletes those whose process died first.
 *
 * <p>Each is a directory with a random name in a common one. That it is in use is told by the locks of the store in it, which
 * the system drops with the process. So an opening takes the locks of every other such directory, as if it opened the store;
 * whoever is refused leaves it alone. The lock file is deleted last, and the directory only if it is empty then.
 *
 * <p>A directory that was just made has no lock yet, so another process may delete it. Its maker meets that as a directory
 * that is gone, locked or replaced, and makes another. A lock on a file whose name is gone is none: who takes a lock looks
 * whether the file has its name still, before anything is deleted or made.
 *
 * <p>Others may write to the common directory. A directory of another user, a link, and files with names that no store gives
 * are left alone. No other user can put a directory of his in the place of ours, because such a common directory lets users
 * rename only what is theirs.
 */
public final class TemporaryStores {

    private static final Logger LOG = LoggerFactory.getLogger(TemporaryStores.class);
    private static final Pattern NAME = Pattern.compile("blobarena-[0-9a-f]{32}\\.tmp");
    private static final int ATTEMPTS = 100;
    private static final FileAttribute<?>[] OWNER_ONLY = has("posix")
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            }
            : new FileAttribute<?>[0];

    private final StoreEnvironment environment;
    private final StoreSettings settings;
    private final Path parent;

    /**
     * Prepares to open stores.
     *
     * @param settings of a store that may be created
     * @param parent the common directory, which exists
     */
    public TemporaryStores(StoreEnvironment environment, StoreSettings settings, Path parent) throws IOException {
        this.environment = new StoreEnvironment(
                (path, create) ->
                        new UnforcedDirectory(environment.directories().open(path, false)),
                environment.index(),
                environment.backgrounds());
        this.settings = settings;
        this.parent = parent.toRealPath();
    }

    /** Opens an empty store, once everything is deleted that dead processes have left. */
    public OpenedStore open() throws IOException {
        MemoryFileSystems.warnOf(parent);
        Path directory = makeAndDeleteAbandoned();
        for (int attempt = 1; ; attempt++) {
            try {
                OpenedStore opened = new StoreOpener(environment, settings).open(directory);
                Directory files = opened.context().directory();
                return new OpenedStore(
                        opened.context(),
                        opened.index(),
                        opened.indexes(),
                        opened.writer(),
                        opened.report(),
                        () -> discard(files, opened.lock()),
                        true);
            } catch (StoreLockedException | NotAStoreException | NoSuchFileException | DirectoryLostException e) {
                // It was taken for one that a dead process has left.
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                directory = make();
            } catch (IOException | RuntimeException | Error e) {
                deleteIfAbandoned(directory);
                throw e;
            }
        }
    }

    /**
     * A directory for files of this process, with names that a store gives.
     *
     * @param deletion deletes it with all of them
     */
    public record Scratch(Path path, Closeable deletion) {}

    /** Makes a directory, once everything is deleted that dead processes have left. */
    public Scratch makeScratch() throws IOException {
        Path made = makeAndDeleteAbandoned();
        for (int attempt = 1; ; attempt++) {
            DirectoryLock lock = null;
            try {
                Directory directory = environment.directories().open(made, false);
                lock = directory.lock(FileNames.LOCK);
                DirectoryLock signed = lock;
                signed.sign();
                return new Scratch(directory.path(), () -> discard(directory, signed));
            } catch (DirectoryLockedException | NotAStoreException | NoSuchFileException | DirectoryLostException e) {
                // It was taken for one that a dead process has left.
                if (lock != null) {
                    lock.close();
                }
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                made = make();
            } catch (IOException | RuntimeException | Error e) {
                if (lock != null) {
                    lock.close();
                }
                deleteIfAbandoned(made);
                throw e;
            }
        }
    }

    /** Makes another directory, if one is taken for abandoned before its owner is known. */
    private Path makeAndDeleteAbandoned() throws IOException {
        for (int attempt = 1; ; attempt++) {
            Path own = make();
            try {
                deleteAbandoned(own);
                return own;
            } catch (NoSuchFileException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Path make() throws IOException {
        String name = "blobarena-" + UUID.randomUUID().toString().replace("-", "") + ".tmp";
        return Files.createDirectory(parent.resolve(name), OWNER_ONLY);
    }

    /** Closes a store of which everything else is closed. */
    private static void discard(Directory directory, Closeable lock) throws IOException {
        Throwable failure = Failures.after(null, () -> deleteFiles(directory));
        failure = Failures.after(failure, lock);
        failure = Failures.after(failure, () -> deleteEmpty(directory.path()));
        if (failure instanceof IOException && Files.notExists(directory.path(), LinkOption.NOFOLLOW_LINKS)) {
            LOG.warn("the temporary store {} was deleted while it was in use", directory.path(), failure);
            return;
        }
        Failures.rethrow(failure);
    }

    // ---- what dead processes have left

    private void deleteAbandoned(Path own) throws IOException {
        Object owner = owner(own);
        try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, "blobarena-*.tmp")) {
            for (Path path : found) {
                if (!path.equals(own) && isTemporaryOf(owner, path)) {
                    deleteIfAbandoned(path);
                }
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    private static boolean isTemporaryOf(@Nullable Object owner, Path path) {
        try {
            return NAME.matcher(String.valueOf(path.getFileName())).matches()
                    && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                    && Objects.equals(owner, owner(path));
        } catch (IOException e) {
            return false; // It is gone.
        }
    }

    /** Deletes a store unless its process lives. What fails is left to the next opening. */
    private void deleteIfAbandoned(Path path) {
        try {
            Directory directory = environment.directories().open(path, false);
            try (DirectoryLock lock = directory.lock(FileNames.LOCK)) {
                if (directory.list().contains(FileNames.IDENTITY)) {
                    lock.add(FileNames.IDENTITY);
                }
                lock.sign();
                deleteFiles(directory);
            }
            deleteEmpty(path);
            LOG.info("{}: a temporary store was deleted whose process has ended without closing it", path);
        } catch (DirectoryLockedException e) {
            LOG.debug("{} is in use", path);
        } catch (IOException e) {
            LOG.debug("{} is left alone: {}", path, e.toString());
        }
    }

    /** Deletes the files of a store whose locks are held, those last that are locked. */
    private static void deleteFiles(Directory directory) throws IOException {
        directory.requireHeld();
        for (String name : directory.list()) {
            if (FileNames.isOfStore(name) && !name.equals(FileNames.LOCK) && !name.equals(FileNames.IDENTITY)) {
                directory.delete(name);
            }
        }
        directory.requireHeld();
        for (String name : List.of(FileNames.IDENTITY, FileNames.LOCK)) {
            Files.deleteIfExists(directory.path().resolve(name)); // The lock would miss them.
        }
    }

    private static void deleteEmpty(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
            LOG.warn("{} is not deleted, since it has files that are not of a store", directory);
        }
    }

    /** Returns the number of the owner; null where there are none. */
    private static @Nullable Object owner(Path path) throws IOException {
        return has("unix") ? Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS) : null;
    }

    private static boolean has(String view) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains(view);
    }
}
