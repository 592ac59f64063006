package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.arena.internal.io.DirectoryLockedException;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.SmallFiles;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FileNames;
import org.blobarena.format.FormatException;
import org.blobarena.format.Layout;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.crypt.KeySource;
import org.blobarena.store.crypt.StoreKeyException;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.StoreSettings;
import org.blobarena.store.internal.core.crypt.FileCipher;
import org.blobarena.store.internal.core.crypt.StoreKeys;
import org.jspecify.annotations.Nullable;

/** A store's directory before anything in it is opened: whose it is, who has it, and which arena files are there. */
public final class StoreDirectory {

    /** What is left when a store was not made to the end. */
    private static final Set<String> OF_NO_STORE =
            Set.of(FileNames.LOCK, FileNames.IDENTITY_UNFINISHED, FileNames.KEYS, FileNames.KEYS_UNFINISHED);

    private StoreDirectory() {}

    /**
     * An arena file in the directory.
     *
     * @param creationSequence see {@link ArenaHeader}; 0 if the header is damaged
     * @param kept the same; false then
     * @param cipher what decrypts its records; null then, and if they are not encrypted
     * @param headerProblem what is wrong with its header, null if nothing is
     */
    public record FoundFile(
            long length,
            long creationSequence,
            boolean kept,
            @Nullable FileCipher cipher,
            @Nullable String headerProblem) {

        /** One that is not there. */
        static final FoundFile MISSING = new FoundFile(0, 0, false, null, null);

        /** What its first bytes say, as a file of a store has it. */
        public StoreFile.Origin origin(StoreContext store, long id) {
            boolean unknown = cipher == null && store.keys() != null;
            return new StoreFile.Origin(
                    store.hasher().salt(id), creationSequence, kept, unknown ? FileCipher.unknown() : cipher);
        }
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
            if (!OF_NO_STORE.contains(name)) {
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
    static StoreIdentity make(Directory directory, DirectoryLock lock, DamageLog damage, StoreSettings settings)
            throws IOException {
        return orLocked(() -> {
            lock.sign();
            if (!holdsStore(directory, true)) {
                writeNew(directory, settings);
            }
            lock.add(FileNames.IDENTITY);
            return decodeIdentity(directory, lock.read(FileNames.IDENTITY, StoreIdentity.FILE_BYTES), damage);
        });
    }

    /** What an encrypted store needs besides comes first: without its identity the directory is no store. */
    private static void writeNew(Directory directory, StoreSettings settings) throws IOException {
        UUID storeId = UUID.randomUUID();
        KeySource source = settings.keySource();
        if (source != null) {
            StoreKeys.create(directory, storeId, source);
        }
        Layout layout = source == null ? Layout.PLAIN : Layout.ENCRYPTED;
        writeIdentity(directory, new StoreIdentity(storeId, new SecureRandom().nextLong(), settings.kind(), layout));
    }

    /**
     * Returns the keys of a store, null if it is not encrypted.
     *
     * @param source null if its user has none
     * @param mayWrite whether what the store says of its keys may be changed
     * @param damage gets what is damaged of that
     * @throws StoreKeyException if there is none, or one that is not needed
     */
    public static @Nullable StoreKeys keys(
            Directory directory, StoreIdentity identity, @Nullable KeySource source, boolean mayWrite, DamageLog damage)
            throws IOException {
        if (identity.layout() == Layout.PLAIN) {
            if (source != null) {
                throw new StoreKeyException(directory.path()
                        + " is not encrypted, and a store that was made without keys stays so: open it without");
            }
            return null;
        }
        if (source == null) {
            throw new StoreKeyException(directory.path() + " is encrypted: its keys are needed");
        }
        StoreKeys keys = StoreKeys.open(directory, identity.storeId(), source, mayWrite);
        keys.damage().forEach(damage::add);
        return keys;
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
        directory.delete(FileNames.KEYS_UNFINISHED);
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
            StoreKeys keys = store.keys();
            return new FoundFile(
                    size, header.creationSequence(), header.kept(), keys == null ? null : keys.cipher(header), null);
        } catch (FormatException e) {
            if (e.isUnsupported()) {
                throw translate(path, e);
            }
            return new FoundFile(size, 0, false, null, e.getMessage());
        }
    }

    private static void requireOwn(StoreContext store, ArenaHeader header, String path, long id)
            throws ForeignFileException {
        if (!header.storeId().equals(store.identity().storeId())) {
            throw new ForeignFileException(path + " belongs to another store: expected store "
                    + store.identity().storeId() + ", found " + header.storeId());
        }
        if ((header.fileKey() == null) != (store.keys() == null)) {
            throw new ForeignFileException(path
                    + (store.keys() == null
                            ? " is encrypted, and the store is not"
                            : " is not encrypted, and the store is"));
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
