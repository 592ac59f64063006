package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.file.AppendFile;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Limits;
import org.blobarena.format.Lineage;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.core.Crc;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.WriteRefusal;

/**
 * An arena file that takes records: frames them, makes them durable, collects their index entries and writes what seals
 * the file.
 *
 * <p><b>Durability.</b> A failed force of the file is final, since the system may have dropped what it could not write:
 * writes are refused until the store is reopened. That of the directory is not: names are kept in the journals of file
 * systems, which forget nothing without ending altogether, and it is repeated by the next that needs it.
 *
 * <p><b>Concurrency.</b> {@link #makeDurable}, {@link #force} and whose it is ({@link #roll}, {@link #use} and the like)
 * are safe from any thread. All else is guarded by the lock of the store's {@link UnsealedFiles}, but for {@link #push},
 * which only the one stream or compaction calls that has the file.
 */
public final class ActiveFile {

    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    private final StoreContext store;
    private final AppendFile writer;
    private final StoreFile file;
    private final IndexBlock pending;
    private final long fileBytesMax;
    private final long openedBytes;
    private final RecordHeader header = new RecordHeader();
    private final ByteBuffer headerBytes =
            ByteBuffer.allocate(RecordHeader.BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
    private long copyOffset;
    private long vouchedEnd;
    private boolean footerWritten;
    private volatile boolean nameForced;
    private volatile boolean rolled;
    private boolean ofStreams;
    private boolean inUse;

    /**
     * Goes on with a file.
     *
     * @param pending the records that stand in no index block yet
     * @param vouchedEnd see {@link ActiveFileOpener.Found}
     */
    ActiveFile(StoreContext store, AppendFile writer, StoreFile file, IndexBlock pending, long vouchedEnd) {
        this.store = store;
        this.writer = writer;
        this.file = file;
        this.pending = pending;
        this.vouchedEnd = vouchedEnd;
        this.fileBytesMax = store.settings().fileBytesMax();
        this.openedBytes = writer.length();
    }

    public AppendFile writer() {
        return writer;
    }

    public StoreFile file() {
        return file;
    }

    /** Whether nothing was appended since it was opened. */
    boolean isUnused() {
        return writer.length() == openedBytes;
    }

    /** Makes the first bytes as durable as asked. */
    void makeDurable(long bytes, Durability durability) throws IOException {
        store.refusal()
                .watch(
                        switch (durability) {
                            case BUFFERED -> () -> {};
                            case WRITTEN -> () -> writer.flushTo(bytes);
                            case FORCED -> () -> force(bytes);
                        });
    }

    /** Puts all that it has on the device. */
    void force() throws IOException {
        makeDurable(writer.length(), Durability.FORCED);
    }

    /** The directory first, so that a record can still become void when that fails. */
    private void force(long bytes) throws IOException {
        if (!nameForced) {
            store.directory().force();
            nameForced = true;
        }
        try {
            writer.forceTo(bytes);
        } catch (IOException e) {
            if (writer.isFailed()) { // Else the bytes found no space, and stay in the buffer.
                store.refusal().refuse(e);
            }
            throw e;
        }
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

    /**
     * Whether a record fits beside everything that sealing still adds.
     *
     * @param expires whether it does
     */
    public boolean hasRoomFor(long recordBytes, boolean expires) {
        boolean full = pending.count() == IndexBlock.ENTRIES_MAX;
        boolean moments = pending.hasMoments();
        long blockBefore = full ? Limits.indexBlockBytes(pending.count(), moments) : 0;
        long rest = full ? Limits.sealBytes(1, expires) : Limits.sealBytes(pending.count() + 1, moments || expires);
        return writer.length() + blockBefore + recordBytes + rest <= fileBytesMax;
    }

    /**
     * Whether a record that has begun at an offset can become so long, beside everything that sealing still adds.
     *
     * @param expires whether it does
     */
    public boolean hasRoomFor(long recordOffset, long recordBytes, boolean expires) {
        long rest = Limits.sealBytes(pending.count() + 1, pending.hasMoments() || expires);
        return recordOffset + recordBytes + rest <= fileBytesMax;
    }

    /** Appends a record, and tells it where it stands; on failure nothing was appended. */
    public void append(PendingRecord record, long sequence) throws IOException {
        makeRoomInIndexBlock(record.expires());
        Location location = new Location(file.id(), writer.length(), record.recordBytes());
        IndexBlock.Entry entry = record.entry(sequence, location); // First: memory may be short.
        header.set(entry.type(), sequence, writer.forcedBytes());
        record.describe(header);
        pushRecord(ByteBuffer.wrap(record.key().bytes()), record.content(), record.table());
        record.appended(sequence, location);
        list(entry, record.isCompressed());
    }

    /** Adds a record that stands in the file to what the next index block lists. */
    void list(IndexBlock.Entry entry, boolean compressed) {
        pending.add(entry);
        file.content().add(entry, compressed);
    }

    /**
     * Sees to it that one more record can be listed.
     *
     * @param expires whether it does
     */
    void makeRoomInIndexBlock(boolean expires) throws IOException {
        if (pending.count() == IndexBlock.ENTRIES_MAX) {
            writeIndexBlock();
        }
        if (expires) {
            pending.prepareMoments();
        }
    }

    /** What no index block lists yet. */
    List<IndexBlock.Entry> pendingEntries() {
        List<IndexBlock.Entry> entries = new ArrayList<>(pending.count());
        for (int i = 0; i < pending.count(); i++) {
            entries.add(pending.entry(i));
        }
        return entries;
    }

    /**
     * Begins a copy of another file's record: the same but for what names its place. After this and until {@link
     * #endCopy} nothing else may be appended, and after a failure nothing more at all.
     *
     * @param copied the header as it was read, which is changed
     */
    void beginCopy(RecordHeader copied, ByteBuffer key) throws IOException {
        makeRoomInIndexBlock(copied.expires());
        copyOffset = writer.length();
        file.unfinished().begin(copyOffset);
        copied.set(copied.type(), copied.sequence(), writer.forcedBytes());
        copied.encode(headerBytes.clear(), key.duplicate(), file.place(copyOffset));
        push(headerBytes, key);
    }

    /** @param original the entry of the record in the file that it comes from */
    void endCopy(IndexBlock.Entry original, boolean compressed) {
        IndexBlock.Entry entry = new IndexBlock.Entry(
                original.hashHigh(),
                original.hashLow(),
                original.type(),
                original.sequence(),
                copyOffset,
                original.length(),
                original.expiryMillis());
        list(entry, compressed);
        file.unfinished().finish();
    }

    /** Names the files that this one replaces once it is sealed. */
    public void writeLineage(Lineage lineage) throws IOException {
        ByteBuffer payload = lineage.encode();
        header.set(RecordType.LINEAGE, 0, writer.forcedBytes());
        header.setPayload(payload.remaining(), Crc.of(payload));
        file.content().lineageWritten(pushRecord(NO_BYTES, payload, NO_BYTES));
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
        if (!writer.amendUnflushed(headerBytes, location.offset())) {
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
            makeDurable(writer.length(), Durability.WRITTEN);
            ByteBuffer payload = pending.encode(file.content().lastIndexBlock());
            long forcedBytes = writer.forcedBytes();
            header.set(RecordType.INDEX_BLOCK, 0, forcedBytes);
            header.setPayload(payload.remaining(), Crc.of(payload));
            Location block = pushRecord(NO_BYTES, payload, NO_BYTES);
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
     * Seals the file. Repeated after a failure, this writes what is missing.
     *
     * <p>All is forced before the index block, without the lock, so that writers do not wait for it. After that no record
     * of the file can become void, and the index block says of all of them that they are on the device, also where the
     * footer is lost. That block is forced before the footer: a footer that a crash spared must not vouch for bytes that it
     * did not.
     *
     * @param appending held while something is appended, and not while anything is forced
     */
    public void seal(Lock appending) throws IOException {
        force();
        writeLocked(appending, this::writeIndexBlock);
        force();
        writeLocked(appending, this::writeFooter);
        force();
    }

    private static void writeLocked(Lock appending, WriteRefusal.Step step) throws IOException {
        appending.lock();
        try {
            step.run();
        } finally {
            appending.unlock();
        }
    }

    /** Writes what makes the file readable without its records. */
    private void writeFooter() throws IOException {
        if (footerWritten) {
            return;
        }
        ArenaFooter footer = file.content().toFooter();
        ByteBuffer payload = footer.encode();
        header.set(RecordType.FOOTER, 0, writer.forcedBytes());
        header.setPayload(payload.remaining(), Crc.of(payload));
        pushRecord(NO_BYTES, payload, NO_BYTES);
        footerWritten = true;
    }

    /** Appends the next bytes of a record that is written in several steps. */
    void push(ByteBuffer... parts) throws IOException {
        store.refusal().watch(() -> writer.push(parts));
    }

    private Location pushRecord(ByteBuffer key, ByteBuffer blob, ByteBuffer table) throws IOException {
        long offset = writer.length();
        header.encode(headerBytes.clear(), key, file.place(offset));
        long bytes = (long) headerBytes.remaining() + key.remaining() + blob.remaining() + table.remaining();
        Location location = new Location(file.id(), offset, bytes); // First: memory may be short.
        // Duplicates, since a push moves positions, and what failed is pushed again.
        push(headerBytes, key, blob, table);
        return location;
    }
}
