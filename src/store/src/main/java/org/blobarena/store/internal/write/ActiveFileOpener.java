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
            StoreFile.Origin origin =
                    new StoreFile.Origin(store.hasher().salt(fileId), beginning.creationSequence, beginning.kept);
            writeHeader(store, writer, origin);
            StoreFile file = new StoreFile(writer.file(), origin, FileContent.none(fileId), false);
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
    public record Found(long end, long forcedBytes, IndexBlock pending, long vouchedEnd) {

        /** A file as a clean close has left it. */
        public static Found closed(long end) {
            return new Found(end, end, IndexBlock.empty(), end);
        }
    }

    /**
     * Opens a file to go on with it; bytes behind its last record are cut off. The table of files still holds the
     * old object. What stays is put on the device: it may be the work of a process that died before it could, or
     * could not.
     */
    public static ActiveFile reopen(StoreContext store, StoreFile file, Found found) throws IOException {
        if (found.forcedBytes < found.end) {
            RecoveredFiles.writeAgainIfRoom(
                    store.directory(), file.name(), new RecoveredFiles.Range(found.forcedBytes, found.end));
        }
        AppendFile writer = AppendFiles.reopen(
                file.id(),
                store.directory(),
                file.name(),
                found.end,
                store.settings().fileOptions());
        try {
            if (found.end == 0) {
                writeHeader(store, writer, file.origin());
            }
            writer.force();
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(e, writer);
            throw e;
        }
        return new ActiveFile(store, writer, file.readThrough(writer.file()), found.pending, found.vouchedEnd);
    }

    private static void closeAfter(Throwable cause, Closeable resource) {
        try {
            resource.close();
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private static void writeHeader(StoreContext store, AppendFile writer, StoreFile.Origin origin) throws IOException {
        writer.push(new ArenaHeader(
                        writer.file().index(), store.identity().storeId(), origin.creationSequence(), origin.kept())
                .encode());
        writer.flush();
    }
}
