package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.arena.internal.io.DirectoryLockedException;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FileNames;
import org.blobarena.format.FormatException;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.internal.core.SmallFiles;
import org.blobarena.store.internal.core.StoreContext;
import org.jspecify.annotations.Nullable;

/** A store's directory before anything in it is opened: whose it is, who has it, and which arena files are there. */
public final class StoreDirectory {

    private StoreDirectory() {}

    /**
     * An arena file in the directory.
     *
     * @param creationSequence see {@link ArenaHeader}; 0 if the header is damaged
     * @param kept the same; false then
     * @param headerProblem what is wrong with its header, null if nothing is
     */
    public record FoundFile(
            long length,
            long creationSequence,
            boolean kept,
            @Nullable String headerProblem) {

        /** One that is not there. */
        static final FoundFile MISSING = new FoundFile(0, 0, false, null);
    }

    /** Refuses links, directories and the like under names of a store: none of them can be trusted to be its file. */
    private static void requireRegular(Directory directory) throws IOException {
        for (String name : directory.listOthers()) {
            if (FileNames.isOfStore(name)) {
                throw new ForeignFileException(
                        directory.path().resolve(name)
                                + " is no regular file, as each file of a store has to be, but a link, a directory or the like");
            }
        }
    }

    /** Whether there is a store; an exception where there is none and none may be made. */
    static boolean holdsStore(Directory directory, boolean create) throws IOException {
        requireRegular(directory);
        List<String> names = directory.list();
        if (names.contains(FileNames.IDENTITY)) {
            return true;
        }
        if (!create) {
            throw new NotAStoreException(
                    directory.path() + " holds no store (it has no file " + FileNames.IDENTITY + ")");
        }
        for (String name : names) {
            if (!name.equals(FileNames.LOCK) && !name.equals(FileNames.IDENTITY_UNFINISHED)) {
                throw new NotAStoreException(directory.path() + " holds no store (it has no file " + FileNames.IDENTITY
                        + ") but other files, such as " + name);
            }
        }
        return false;
    }

    /**
     * Takes a store that is there: its identity is locked first, and read through its lock, so that nothing is changed
     * in what is none, or belongs to somebody.
     */
    static StoreIdentity take(Directory directory, DirectoryLock lock, DamageLog damage) throws IOException {
        return orLocked(() -> {
            lock.add(FileNames.IDENTITY);
            StoreIdentity identity =
                    decodeIdentity(directory, lock.read(FileNames.IDENTITY, StoreIdentity.FILE_BYTES), damage);
            lock.sign();
            return identity;
        });
    }

    /** Takes a directory for a new store and makes its identity, or else the store that somebody has made meanwhile. */
    static StoreIdentity make(Directory directory, DirectoryLock lock, DamageLog damage, StoreIdentity.Kind kind)
            throws IOException {
        return orLocked(() -> {
            lock.sign();
            if (!holdsStore(directory, true)) {
                writeIdentity(directory, new StoreIdentity(UUID.randomUUID(), new SecureRandom().nextLong(), kind));
            }
            lock.add(FileNames.IDENTITY);
            return decodeIdentity(directory, lock.read(FileNames.IDENTITY, StoreIdentity.FILE_BYTES), damage);
        });
    }

    /** Returns whose a store is that nobody here takes: it may be open elsewhere. */
    public static StoreIdentity read(Directory directory, DamageLog damage) throws IOException {
        boolean unused = holdsStore(directory, false);
        return decodeIdentity(
                directory, SmallFiles.read(directory, FileNames.IDENTITY, StoreIdentity.FILE_BYTES), damage);
    }

    /** Refuses what was made for something else: a cache would evict what a store is to keep. */
    public static void requireKind(Directory directory, StoreIdentity identity, StoreIdentity.Kind kind)
            throws NotAStoreException {
        if (identity.kind() != kind) {
            throw new NotAStoreException(directory.path()
                    + (kind == StoreIdentity.Kind.STORE
                            ? " holds a cache: open it with BlobCache"
                            : " holds a store and no cache: open it with BlobStore"));
        }
    }

    private static StoreIdentity orLocked(IdentitySource source) throws IOException {
        try {
            return source.get();
        } catch (DirectoryLockedException e) {
            throw new StoreLockedException(String.valueOf(e.getMessage()));
        }
    }

    @FunctionalInterface
    private interface IdentitySource {

        StoreIdentity get() throws IOException;
    }

    /** Takes the identity from the first copy that is right. */
    private static StoreIdentity decodeIdentity(Directory directory, ByteBuffer bytes, DamageLog damage)
            throws IOException {
        String path = directory.path().resolve(FileNames.IDENTITY).toString();
        StoreIdentity identity = null;
        FormatException problem = null; // Of the first copy, which is told if the other is no better.
        for (int at : StoreIdentity.COPY_OFFSETS) {
            try {
                StoreIdentity copy = StoreIdentity.decode(copyAt(bytes, at));
                identity = identity == null ? copy : identity;
            } catch (FormatException e) {
                problem = problem == null ? e : problem;
                damage.add(new Damage(path, at, e.getMessage()));
            }
        }
        if (identity == null) {
            throw translate(path, Objects.requireNonNull(problem));
        }
        return identity;
    }

    public static void writeIdentity(Directory directory, StoreIdentity identity) throws IOException {
        SmallFiles.replace(directory, FileNames.IDENTITY, FileNames.IDENTITY_UNFINISHED, identity.encodeFile());
    }

    /** Deletes what a crash left of files that get their names when they are complete. */
    static void deleteUnfinished(Directory directory) throws IOException {
        directory.delete(FileNames.CLEAN_UNFINISHED);
        directory.delete(FileNames.IDENTITY_UNFINISHED);
        for (String name : directory.list()) {
            if (FileNames.isArenaUnfinished(name)) {
                directory.delete(name);
            }
        }
    }

    /** Every arena file in the order of the ids, after a look at its header. */
    static Map<Long, FoundFile> arenaFiles(StoreContext store) throws IOException {
        Map<Long, FoundFile> found = new TreeMap<>();
        for (String name : store.directory().list()) {
            OptionalLong id = FileNames.arenaId(name);
            if (id.isPresent()) {
                found.put(id.getAsLong(), checkHeader(store, name, id.getAsLong()));
            }
        }
        return found;
    }

    private static ByteBuffer copyAt(ByteBuffer file, int at) {
        int from = Math.min(at, file.limit());
        return file.slice(from, Math.min(StoreIdentity.BYTES, file.limit() - from));
    }

    private static FoundFile checkHeader(StoreContext store, String name, long id) throws IOException {
        try (FileHandle file = store.directory().openRead(name)) {
            return header(store, id, file);
        }
    }

    /**
     * Looks at the header of an arena file.
     *
     * @throws ForeignFileException if it is that of another store or file
     * @throws UnsupportedFormatException if it is of a newer version
     */
    public static FoundFile header(StoreContext store, long id, FileHandle file) throws IOException {
        String path = store.directory().path().resolve(FileNames.arena(id)).toString();
        long size = file.size();
        ByteBuffer bytes = ByteBuffer.allocate(ArenaHeader.BYTES);
        file.read(bytes, 0);
        try {
            ArenaHeader header = ArenaHeader.decode(bytes.flip());
            requireOwn(store, header, path, id);
            return new FoundFile(size, header.creationSequence(), header.kept(), null);
        } catch (FormatException e) {
            if (e.isUnsupported()) {
                throw translate(path, e);
            }
            return new FoundFile(size, 0, false, e.getMessage());
        }
    }

    private static void requireOwn(StoreContext store, ArenaHeader header, String path, long id)
            throws ForeignFileException {
        if (!header.storeId().equals(store.identity().storeId())) {
            throw new ForeignFileException(path + " belongs to another store: expected store "
                    + store.identity().storeId() + ", found " + header.storeId());
        }
        if (header.fileId() != id) {
            throw new ForeignFileException(
                    path + " is another file of this store: expected id " + id + ", found " + header.fileId());
        }
    }

    private static IOException translate(String path, FormatException e) {
        return e.isUnsupported()
                ? new UnsupportedFormatException(path + ": " + e.getMessage())
                : new CorruptBlobException(path, 0, e.getMessage());
    }
}
