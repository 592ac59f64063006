package org.blobarena.store.internal.write;

import java.io.Closeable;
import java.io.IOException;
import org.blobarena.arena.internal.file.AppendFile;
import org.blobarena.arena.internal.file.AppendFiles;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FileNames;
import org.blobarena.format.IndexBlock;
import org.blobarena.store.internal.core.FileContent;
import org.blobarena.store.internal.core.RecoveredFiles;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.crypt.StoreKeys;
import org.blobarena.store.internal.watch.Recordings;
import org.blobarena.store.internal.watch.RollEvent;

/** Makes arena files that take records, and opens those again that go on. */
public final class ActiveFileOpener {

    private ActiveFileOpener() {}

    /**
     * What a file is begun as.
     *
     * @param creationSequence the next sequence number
     * @param kept whether an eviction writes its records again
     */
    public record Beginning(long creationSequence, boolean kept) {}

    /** Makes a file that holds its header. */
    public static ActiveFile create(StoreContext store, long fileId, Beginning beginning) throws IOException {
        return create(store, fileId, FileNames.arena(fileId), beginning);
    }

    /** Makes a file that holds its header, under another name for now. */
    public static ActiveFile create(StoreContext store, long fileId, String name, Beginning beginning)
            throws IOException {
        AppendFile writer = AppendFiles.create(
                fileId, store.directory(), name, store.settings().fileOptions());
        try {
            StoreFile.Origin origin = begin(store, writer, beginning);
            StoreFile file = new StoreFile(writer.file(), origin, FileContent.none(fileId), false);
            if (store.settings().hasTimeToIdle()) {
                file.noteTimes(store.settings().filledBytes()); // Now, since nothing may fail once it has records.
            }
            if (Recordings.mayRun()) {
                RollEvent event = RollEvent.begun();
                event.file = name;
                event.kept = beginning.kept;
                event.ended(store.directory().path());
            }
            return new ActiveFile(store, writer, file, IndexBlock.empty(), ArenaHeader.BYTES);
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(e, writer);
            closeAfter(e, () -> store.directory().delete(name)); // Or it would be in the way of the next attempt.
            throw e;
        }
    }

    /**
     * What is known of a file that goes on.
     *
     * @param end where its last record ends; 0 to begin anew with the header
     * @param forcedBytes how much of that is known to be on the device
     * @param pending the records that stand in no index block yet
     * @param vouchedEnd where the last index block ends that says of all before it that it is on the device; the end of
     *     the arena header if there is none
     */
    public record Found(long end, long forcedBytes, IndexBlock pending, long vouchedEnd) {}

    /**
     * Opens a file to go on with it as a clean close has left it, and forces it, which takes no time then. The table of
     * files still holds the old object.
     */
    public static ActiveFile reopen(StoreContext store, StoreFile file, long end) throws IOException {
        ActiveFile reopened = open(store, file, new Found(end, end, IndexBlock.empty(), end));
        try {
            reopened.writer().force();
            return reopened;
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(e, reopened.writer());
            throw e;
        }
    }

    /**
     * Opens a file to go on with it after a crash; bytes behind its last record are cut off. The table of files still holds
     * the old object. What stays may be the work of a process that died before it could put it on the device, or could not:
     * it is done before anything rests on that.
     */
    public static ActiveFile goOn(StoreContext store, StoreFile file, Found found) throws IOException {
        ActiveFile reopened = open(store, file, found);
        store.recovered().add(() -> {
            if (found.forcedBytes < found.end) {
                RecoveredFiles.Range unproven = new RecoveredFiles.Range(found.forcedBytes, found.end);
                RecoveredFiles.writeAgainIfRoom(store.directory(), file.name(), unproven, store.refusal());
            }
            reopened.forceAll();
        });
        return reopened;
    }

    private static ActiveFile open(StoreContext store, StoreFile file, Found found) throws IOException {
        AppendFile writer = AppendFiles.reopen(
                file.id(),
                store.directory(),
                file.name(),
                found.end,
                store.settings().fileOptions());
        StoreFile.Origin origin = file.origin();
        try {
            if (found.end == 0) {
                origin = begin(store, writer, new Beginning(origin.creationSequence(), origin.kept()));
            }
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(e, writer);
            throw e;
        }
        return new ActiveFile(store, writer, file.readThrough(writer.file(), origin), found.pending, found.vouchedEnd);
    }

    private static void closeAfter(Throwable cause, Closeable resource) {
        try {
            resource.close();
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /** Writes the header. */
    private static StoreFile.Origin begin(StoreContext store, AppendFile writer, Beginning beginning)
            throws IOException {
        long fileId = writer.file().index();
        StoreKeys keys = store.keys();
        ArenaHeader header = new ArenaHeader(
                fileId,
                store.identity().storeId(),
                beginning.creationSequence,
                beginning.kept,
                keys == null ? null : keys.newFileKey());
        writer.push(header.encode());
        writer.flush();
        return new StoreFile.Origin(
                store.hasher().salt(fileId),
                beginning.creationSequence,
                beginning.kept,
                keys == null ? null : keys.cipher(header));
    }
}
