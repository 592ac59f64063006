package org.blobarena.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.blobarena.arena.FileArenaWriter;
import org.blobarena.arena.Location;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FileNames;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Limits;
import org.blobarena.format.Lineage;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;

/**
 * An arena file that takes records: frames them, collects their index entries and seals the file.
 *
 * <p>Not safe for several threads by itself: the {@link RecordWriter} guards all but {@link #writer} with its
 * lock.
 */
final class ActiveFile {

    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    private final FileArenaWriter writer;
    private final StoreFile file;
    private final IndexBlock pending;
    private final long fileBytesMax;
    private final RecordHeader header = new RecordHeader();
    private final ByteBuffer headerBytes =
            ByteBuffer.allocate(RecordHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long copyOffset;
    private long vouchedEnd = ArenaHeader.BYTES;
    private boolean footerWritten;
    private volatile boolean nameForced;
    private volatile boolean rolled;
    private boolean ofStreams;
    private boolean inUse;

    private ActiveFile(FileArenaWriter writer, StoreFile file, IndexBlock pending, long fileBytesMax) {
        this.writer = writer;
        this.file = file;
        this.pending = pending;
        this.fileBytesMax = fileBytesMax;
    }

    /**
     * Makes a file that holds its header.
     *
     * @param birth the next sequence number
     */
    static ActiveFile create(StoreContext store, long fileId, long birth) throws IOException {
        return create(store, fileId, FileNames.arena(fileId), birth);
    }

    /** Makes a file that holds its header, under another name for now. */
    static ActiveFile create(StoreContext store, long fileId, String name, long birth) throws IOException {
        FileArenaWriter writer = FileArenaWriter.create(
                store.directory(), name, fileId, store.settings().arenaOptions());
        try {
            writeHeader(store, writer, birth);
            StoreFile.Origin origin = new StoreFile.Origin(store.hasher().salt(fileId), birth);
            StoreFile file = new StoreFile(writer.file(), origin, FileContent.none(fileId), false);
            return new ActiveFile(
                    writer, file, IndexBlock.empty(), store.settings().fileBytesMax());
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
    record Found(long end, long forcedBytes, IndexBlock pending, long vouchedEnd) {

        /** A file as a clean close has left it. */
        static Found closed(long end) {
            return new Found(end, end, IndexBlock.empty(), end);
        }
    }

    /**
     * Opens a file to go on with it; bytes behind its last record are cut off. The table of files still holds the
     * old object. What stays is put on the device: it may be the work of a process that died before it could, or
     * could not.
     */
    static ActiveFile reopen(StoreContext store, StoreFile file, Found found) throws IOException {
        if (found.forcedBytes < found.end) {
            RecoveredFiles.writeAgainIfRoom(
                    store.directory(), file.name(), new RecoveredFiles.Range(found.forcedBytes, found.end));
        }
        FileArenaWriter writer = FileArenaWriter.append(
                store.directory(),
                file.name(),
                new Location(file.id(), 0, found.end),
                store.settings().arenaOptions());
        try {
            if (found.end == 0) {
                writeHeader(store, writer, file.origin().birth());
            }
            writer.force();
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(e, writer);
            throw e;
        }
        ActiveFile reopened = new ActiveFile(
                writer,
                file.readThrough(writer.file()),
                found.pending,
                store.settings().fileBytesMax());
        reopened.vouchedEnd = found.vouchedEnd;
        return reopened;
    }

    private static void closeAfter(Throwable cause, Closeable resource) {
        try {
            resource.close();
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private static void writeHeader(StoreContext store, FileArenaWriter writer, long birth) throws IOException {
        writer.push(new ArenaHeader(writer.file().index(), store.identity().storeId(), birth).encode());
        writer.flush();
    }

    FileArenaWriter writer() {
        return writer;
    }

    StoreFile file() {
        return file;
    }

    /** Whether the directory entry of the file is on the device. */
    boolean isNameForced() {
        return nameForced;
    }

    void nameWasForced() {
        nameForced = true;
    }

    /** Whether nothing more will be appended but what seals it. */
    boolean isRolled() {
        return rolled;
    }

    synchronized void roll() {
        rolled = true;
    }

    /** From now on it takes records that are too long, or take too long, to be written among others, one at a time. */
    synchronized void giveToStreams() {
        ofStreams = true;
        inUse = true;
    }

    /** Whether a stream has it now. */
    synchronized boolean isInUse() {
        return inUse;
    }

    /** Gives it to the next stream; false when it is rolled. */
    synchronized boolean use() {
        inUse = !rolled;
        return inUse;
    }

    /** The stream needs it no more. */
    synchronized void release() {
        inUse = false;
    }

    /** Rolls it if it is one of those for streams and none has it. */
    synchronized void rollIfIdle() {
        rolled |= ofStreams && !inUse;
    }

    /** Whether a record fits beside everything that sealing still adds. */
    boolean hasRoomFor(long recordBytes) {
        int entries = pending.count() == IndexBlock.ENTRIES_MAX ? 1 : pending.count() + 1;
        long blockBefore = pending.count() == IndexBlock.ENTRIES_MAX ? Limits.indexBlockBytes(pending.count()) : 0;
        return writer.length() + blockBefore + recordBytes + Limits.sealBytes(entries) <= fileBytesMax;
    }

    /** Whether a record that has begun at an offset can become so long, beside everything that sealing still adds. */
    boolean hasRoomFor(long recordOffset, long recordBytes) {
        return recordOffset + recordBytes + Limits.sealBytes(pending.count() + 1) <= fileBytesMax;
    }

    /** Appends a record, and tells it where it stands; on failure nothing was appended. */
    void append(PendingRecord record, long sequence) throws IOException {
        makeRoomInIndexBlock();
        Location location = new Location(file.id(), writer.length(), record.recordBytes());
        IndexBlock.Entry entry = record.entry(sequence, location); // First: memory may be short.
        header.set(entry.type(), sequence, writer.forcedBytes());
        record.describe(header);
        push(ByteBuffer.wrap(record.key().bytes()), record.content(), record.table());
        record.appended(sequence, location);
        list(entry, record.isCompressed());
    }

    /** Adds a record that stands in the file to what the next index block lists. */
    void list(IndexBlock.Entry entry, boolean compressed) {
        pending.add(entry);
        file.content().add(entry, compressed);
    }

    /** Sees to it that one more record can be listed. */
    void makeRoomInIndexBlock() throws IOException {
        if (pending.count() == IndexBlock.ENTRIES_MAX) {
            writeIndexBlock();
        }
    }

    /**
     * Begins a copy of another file's record: the same but for what names its place. After this and until {@link
     * #endCopy} nothing else may be appended, and after a failure nothing more at all.
     *
     * @param copied the header as it was read, which is changed
     */
    void beginCopy(RecordHeader copied, ByteBuffer key) throws IOException {
        makeRoomInIndexBlock();
        copyOffset = writer.length();
        file.unfinished().begin(copyOffset);
        copied.set(copied.type(), copied.sequence(), writer.forcedBytes());
        copied.encode(headerBytes.clear(), key.duplicate(), file.place(copyOffset));
        writer.push(headerBytes.clear(), key);
    }

    /** Appends the next piece of the payload. */
    void continueCopy(ByteBuffer piece) throws IOException {
        writer.push(piece);
    }

    /** @param original the entry of the record in the file that it comes from */
    void endCopy(IndexBlock.Entry original, boolean compressed) {
        IndexBlock.Entry entry = new IndexBlock.Entry(
                original.hashHigh(),
                original.hashLow(),
                original.type(),
                original.sequence(),
                copyOffset,
                original.length());
        list(entry, compressed);
        file.unfinished().finish();
    }

    /** Names the files that this one replaces once it is sealed. */
    void writeLineage(Lineage lineage) throws IOException {
        ByteBuffer payload = lineage.encode();
        header.set(RecordType.LINEAGE, 0, writer.forcedBytes());
        header.setPayload(payload.remaining(), Crc.of(payload));
        file.content().lineageWritten(push(NO_BYTES, payload, NO_BYTES));
    }

    /**
     * Makes a record void whose bytes could not be flushed.
     *
     * @return false when another thread could flush them meanwhile: the record is then as good as any
     */
    boolean voidUnflushed(PendingRecord failed) {
        Location location = failed.location();
        header.set(RecordType.VOID, failed.sequence(), 0);
        failed.describe(header);
        header.encode(headerBytes.clear(), ByteBuffer.wrap(failed.key().bytes()), file.place(location.offset()));
        if (!writer.amendUnflushed(headerBytes.clear(), location.offset())) {
            return false;
        }
        pending.removeAt(location.offset());
        file.content().removeVoided(failed.entry(failed.sequence(), location), failed.isCompressed());
        failed.withdraw();
        return true;
    }

    /**
     * Writes the entries that stand in no index block yet. Only flushed records may be listed, since others can
     * still become void.
     */
    void writeIndexBlock() throws IOException {
        if (pending.count() > 0) {
            writer.flush();
            ByteBuffer payload = pending.encode(file.content().lastIndexBlock());
            long forcedBytes = writer.forcedBytes();
            header.set(RecordType.INDEX_BLOCK, 0, forcedBytes);
            header.setPayload(payload.remaining(), Crc.of(payload));
            Location block = push(NO_BYTES, payload, NO_BYTES);
            file.content().indexBlockWritten(block);
            pending.clear();
            if (forcedBytes == block.offset()) {
                vouchedEnd = block.end();
            }
        }
    }

    /** Whether the file ends in an index block that says of all before it that it is on the device, or has no records. */
    boolean isVouchedFor() {
        return writer.length() == vouchedEnd;
    }

    /**
     * Writes what makes the file readable without its records, after {@link #writeIndexBlock} and a force of all
     * that is there: a footer that a crash spared must not vouch for bytes that it did not. The file is sealed
     * once the footer is forced too. Repeated after a failure, this writes what is missing.
     */
    void writeFooter() throws IOException {
        if (footerWritten) {
            return;
        }
        ArenaFooter footer = file.content().toFooter();
        ByteBuffer payload = footer.encode();
        header.set(RecordType.FOOTER, 0, writer.forcedBytes());
        header.setPayload(payload.remaining(), Crc.of(payload));
        push(NO_BYTES, payload, NO_BYTES);
        footerWritten = true;
    }

    private Location push(ByteBuffer key, ByteBuffer blob, ByteBuffer table) throws IOException {
        header.encode(headerBytes.clear(), key, file.place(writer.length()));
        // Duplicates, since a push moves positions, and what failed is pushed again.
        return writer.push(headerBytes.clear(), key, blob, table);
    }
}
