package org.blobarena.store.internal.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.SmallFiles;
import org.blobarena.format.FileNames;
import org.blobarena.format.KeyTable;
import org.blobarena.format.Layout;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.recovery.DamageLog;
import org.blobarena.store.internal.recovery.StoreDirectory;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.write.Pacer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a store of a snapshot, which nobody has open: its files are linked where that can be done, else copied.
 *
 * <p>Whoever opens either afterwards copies what is linked before it is changed, as ever.
 */
public final class Restoration {

    private final StoreEnvironment environment;
    private final Pacer pacer;

    public Restoration(StoreEnvironment environment, Pacer pacer) {
        this.environment = environment;
        this.pacer = pacer;
    }

    public void restore(Path snapshot, Path directory) throws IOException {
        Directory from = environment.directories().open(snapshot, false);
        StoreIdentity identity = StoreDirectory.read(from, new DamageLog());
        Map<Long, Long> lengths = files(from, identity);
        try (SnapshotTarget target =
                SnapshotTarget.empty(environment.directories().open(directory, true), identity, keys(from, identity))) {
            Map<Long, Long> copied = new TreeMap<>(lengths);
            for (long id : lengths.keySet()) {
                if (target.link(from, id)) {
                    copied.remove(id);
                }
            }
            pacer.begin(copied.values().stream().mapToLong(Long::longValue).sum());
            for (Map.Entry<Long, Long> file : copied.entrySet()) {
                copy(from, file.getKey(), file.getValue(), target);
            }
            target.complete(lengths.keySet());
        } catch (IOException e) {
            throw Failures.translate(e);
        }
    }

    /** What tells which keys an encrypted store needs; none of them is needed to copy it. */
    private static @Nullable ByteBuffer keys(Directory from, StoreIdentity identity) throws IOException {
        return identity.layout() == Layout.PLAIN
                ? null
                : SmallFiles.read(from, FileNames.KEYS, KeyTable.FILE_BYTES_MAX);
    }

    /** The ids and lengths of the arena files; refuses a directory whose files may be changing. */
    private static Map<Long, Long> files(Directory from, StoreIdentity identity) throws IOException {
        Map<Long, Long> lengths = new TreeMap<>();
        for (String name : from.list()) {
            OptionalLong id = FileNames.arenaId(name);
            if (id.isPresent()) {
                SnapshotTarget.requireOwn(from, name, id.getAsLong(), identity);
                try (FileHandle file = from.openRead(name)) {
                    lengths.put(id.getAsLong(), file.size());
                }
            } else if (name.equals(FileNames.LOCK)) {
                throw new FileAlreadyExistsException(
                        from.path().toString(),
                        null,
                        "it was opened as a store and so may be changing (it has LOCK): make a snapshot of it");
            }
        }
        return lengths;
    }

    private void copy(Directory from, long id, long length, SnapshotTarget target) throws IOException {
        String name = FileNames.arena(id);
        try (FileHandle file = from.openRead(name)) {
            target.copy(
                    id,
                    (bytes, offset) -> {
                        file.read(bytes, offset);
                        if (bytes.hasRemaining()) {
                            throw new EOFException(from.path().resolve(name) + " ends at byte "
                                    + (offset + bytes.position()) + ", expected " + length + " bytes");
                        }
                    },
                    length,
                    pacer);
        }
    }
}
