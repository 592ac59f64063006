package org.blobarena.store.internal.snapshot;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.CRC32C;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.arena.internal.io.SmallFiles;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FileNames;
import org.blobarena.format.FormatException;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.internal.core.ByteSource;
import org.blobarena.store.internal.recovery.DamageLog;
import org.blobarena.store.internal.recovery.StoreDirectory;
import org.blobarena.store.internal.write.Pacer;
import org.jspecify.annotations.Nullable;

/**
 * The directory that becomes a snapshot, or the next one.
 *
 * <p>A directory is a store by its identity, so that comes last, when all else is on the device. A file is copied under another
 * name, forced, read back and compared, and gets its own name then: what has the name of an arena file is whole.
 *
 * <p>An earlier snapshot stays as it is while files are copied into its directory. Then its identity is deleted, and the deletion
 * forced; new files get their names, and those go that the new snapshot does not have; that is forced, and the identity written
 * again. The keys of an encrypted store are replaced just before it, since they say what the new files need. So a crash leaves the earlier snapshot, the new one, or for the moment in between a directory that is no store and
 * that can only become a snapshot of the same store. Files that are not needed have to be gone by the end: what they hold may
 * have been removed since.
 *
 * <p>A file that is there already is the same as that of its name in the store, since ids are not used twice and sealed files do
 * not change; unless two stores have gone on from one snapshot. So a directory that was opened as a store is refused, and
 * lengths, beginnings and ends are compared.
 */
final class SnapshotTarget implements Closeable {

    private static final int BEGINNING_BYTES = 64 * 1024;
    private static final int END_BYTES = 256 * 1024;
    private static final Set<String> SMALL_FILES =
            Set.of(FileNames.IDENTITY, FileNames.IDENTITY_UNFINISHED, FileNames.KEYS, FileNames.KEYS_UNFINISHED);

    private final Directory directory;
    private final StoreIdentity identity;

    /** What its file of keys will have; null of a store that is not encrypted. */
    private final @Nullable ByteBuffer keys;

    private final boolean wasStore;
    private final Set<String> present = new HashSet<>();

    /** Ids of copies that have not got their names yet. */
    private final List<Long> unnamed = new ArrayList<>();

    private SnapshotTarget(Directory directory, StoreIdentity identity, @Nullable ByteBuffer keys, boolean wasStore) {
        this.directory = directory;
        this.identity = identity;
        this.keys = keys;
        this.wasStore = wasStore;
    }

    /** A directory that has nothing in it. */
    static SnapshotTarget empty(Directory directory, StoreIdentity identity, @Nullable ByteBuffer keys)
            throws IOException {
        List<String> names = new ArrayList<>(directory.list());
        names.addAll(directory.listOthers());
        if (!names.isEmpty()) {
            throw refusal(directory, "this needs an empty directory, and this one has " + names.get(0));
        }
        return new SnapshotTarget(directory, identity, keys, false);
    }

    /** A directory that has nothing in it, or an earlier snapshot of the same store, or what a crash has left of one. */
    static SnapshotTarget emptyOrEarlier(Directory directory, StoreIdentity identity, @Nullable ByteBuffer keys)
            throws IOException {
        Set<String> names = new HashSet<>(directory.list());
        boolean wasStore = names.contains(FileNames.IDENTITY);
        if (wasStore) {
            StoreIdentity earlier = StoreDirectory.read(directory, new DamageLog());
            if (!earlier.storeId().equals(identity.storeId())) {
                throw new ForeignFileException(directory.path() + " holds another store: expected a snapshot of store "
                        + identity.storeId() + ", found store " + earlier.storeId());
            }
        }
        names.addAll(directory.listOthers());
        SnapshotTarget target = new SnapshotTarget(directory, identity, keys, wasStore);
        for (String name : names) {
            target.take(name);
        }
        return target;
    }

    private void take(String name) throws IOException {
        OptionalLong id = FileNames.arenaId(name);
        if (id.isPresent()) {
            requireOwn(directory, name, id.getAsLong(), identity);
            present.add(name);
        } else if (FileNames.isArenaUnfinished(name)) {
            directory.delete(name); // Nobody has said that it is whole.
        } else if (!SMALL_FILES.contains(name)) {
            throw refusal(
                    directory,
                    FileNames.isOfStore(name)
                            ? "it was opened as a store and so may have changed (it has " + name + ")"
                            : "this needs an empty directory or a snapshot, and this one has " + name);
        }
    }

    private static FileAlreadyExistsException refusal(Directory directory, String reason) {
        return new FileAlreadyExistsException(directory.path().toString(), null, reason);
    }

    /** Refuses an arena file of another store, or under another file's name. */
    static void requireOwn(Directory directory, String name, long id, StoreIdentity identity) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(ArenaHeader.BYTES);
        try (FileHandle file = directory.openRead(name)) {
            file.read(bytes, 0);
        }
        try {
            ArenaHeader header = ArenaHeader.decode(bytes.flip());
            if (!header.storeId().equals(identity.storeId()) || header.fileId() != id) {
                throw new ForeignFileException(directory.path().resolve(name) + " is none of this store: expected file "
                        + id + " of store " + identity.storeId() + ", found file " + header.fileId() + " of store "
                        + header.storeId());
            }
        } catch (FormatException e) {
            if (e.isUnsupported()) {
                throw new UnsupportedFormatException(directory.path().resolve(name) + ": " + e.getMessage());
            } // Else it is damaged, which costs nothing else.
        }
    }

    /** Whether the directory has a file as it is in the store, where it does not change any more. */
    boolean has(long id, ByteSource source, long length) throws IOException {
        String name = FileNames.arena(id);
        if (!present.contains(name)) {
            return false;
        }
        try (FileHandle file = directory.openRead(name)) {
            return file.size() == length
                    && isSame(file, source, 0, Math.min(length, BEGINNING_BYTES))
                    && isSame(file, source, Math.max(0, length - END_BYTES), length);
        }
    }

    private static boolean isSame(FileHandle file, ByteSource source, long from, long to) throws IOException {
        ByteBuffer here = ByteBuffer.allocate((int) (to - from));
        ByteBuffer there = ByteBuffer.allocate((int) (to - from));
        file.read(here, from);
        source.read(there, from);
        return here.flip().equals(there.flip());
    }

    /** Makes a link to a file that does not change any more, if that can be done: only where there was no snapshot before. */
    boolean link(Directory from, long id) throws IOException {
        return !wasStore && !present.contains(FileNames.arena(id)) && from.link(FileNames.arena(id), directory);
    }

    /** Copies a file, to an offset. */
    void copy(long id, ByteSource source, long length, Pacer pacer) throws IOException {
        String unfinished = FileNames.arenaUnfinished(id);
        CRC32C expected = new CRC32C();
        boolean complete = false;
        try {
            try (FileHandle copy = directory.create(unfinished);
                    Scratch scratch = Scratch.take()) {
                for (long position = 0; position < length; ) {
                    ByteBuffer piece = scratch.buffer(length - position);
                    source.read(piece, position);
                    expected.update(piece.flip());
                    copy.write(piece.rewind(), position);
                    position += piece.limit();
                    pacer.passed(piece.limit());
                }
                copy.force();
            }
            requireSame(unfinished, length, expected.getValue(), pacer);
            complete = true;
        } finally {
            if (!complete) {
                directory.delete(unfinished);
            }
        }
        if (wasStore) {
            unnamed.add(id);
        } else {
            directory.rename(unfinished, FileNames.arena(id));
            present.add(FileNames.arena(id));
        }
    }

    private void requireSame(String name, long length, long expected, Pacer pacer) throws IOException {
        CRC32C found = new CRC32C();
        try (FileHandle file = directory.openRead(name);
                Scratch scratch = Scratch.take()) {
            for (long position = 0; position < length; ) {
                pacer.require();
                ByteBuffer piece = scratch.buffer(length - position);
                if (file.read(piece, position) <= 0) {
                    throw new EOFException(directory.path().resolve(name) + " ends at byte " + position
                            + " after it was written, expected " + length + " bytes");
                }
                found.update(piece.flip());
                position += piece.limit();
            }
        }
        if (found.getValue() != expected) {
            throw new IOException(String.format(
                    "%s is not what was written: expected checksum %08x, found %08x",
                    directory.path().resolve(name), expected, found.getValue()));
        }
    }

    /**
     * Makes the directory the store that has these files and no others.
     *
     * @param ids those that are there, or were copied
     */
    void complete(Set<Long> ids) throws IOException {
        if (wasStore) {
            directory.force(); // The copies first: from here to the end there is no store.
            directory.delete(FileNames.IDENTITY);
            directory.force();
        }
        for (Iterator<Long> copies = unnamed.iterator(); copies.hasNext(); ) {
            long id = copies.next();
            directory.rename(FileNames.arenaUnfinished(id), FileNames.arena(id));
            copies.remove();
        }
        for (String name : present) {
            if (!ids.contains(FileNames.arenaId(name).orElseThrow())) {
                directory.delete(name);
            }
        }
        directory.force();
        if (keys != null) {
            SmallFiles.replace(directory, FileNames.KEYS, FileNames.KEYS_UNFINISHED, keys);
        }
        StoreDirectory.writeIdentity(directory, identity);
    }

    /** Deletes the copies that have not got their names, where something has failed. */
    @Override
    public void close() throws IOException {
        for (long id : unnamed) {
            directory.delete(FileNames.arenaUnfinished(id));
        }
    }
}
