package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.file.AppendFile;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.Checksums;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Layout;
import org.blobarena.format.Lineage;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.core.RecoveredFiles;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.WriteRefusal;
import org.blobarena.store.internal.core.crypt.FileCipher;
import org.blobarena.store.internal.watch.ForceEvent;
import org.blobarena.store.internal.watch.Recordings;

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

    private final Directory directory;
    private final WriteRefusal refusal;
    private final RecoveredFiles recovered;
    private final AppendFile writer;
    private final StoreFile file;
    private final Layout layout;
    private final IndexBlock pending;
    private final long fileBytesMax;
    private final long filledBytes;
    private final long openedBytes;
    private final RecordHeader header = new RecordHeader();
    private final Place place = new Place();
    private final ByteBuffer headerBytes =
            ByteBuffer.allocate(RecordHeader.BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);

    /** The parts of the record that is appended: header, key, content, table. */
    private final ByteBuffer[] parts = {headerBytes, NO_BYTES, NO_BYTES, NO_BYTES};

    private long copyOffset;
    private byte[] copyNonce = {};
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
        this.directory = store.directory();
        this.refusal = store.refusal();
        this.recovered = store.recovered();
        this.writer = writer;
        this.file = file;
        this.layout = file.layout();
        this.pending = pending;
        this.vouchedEnd = vouchedEnd;
        this.fileBytesMax = store.settings().fileBytesMax();
        this.filledBytes = store.settings().filledBytes();
        this.openedBytes = writer.length();
    }

    /** Where the record stands whose header is encoded: one object for all of them. */
    private final class Place implements RecordHeader.Placed {

        private long offset;

        Place at(long newOffset) {
            offset = newOffset;
            return this;
        }

        @Override
        public long fileId() {
            return file.id();
        }

        @Override
        public long offset() {
            return offset;
        }

        @Override
        public int salt() {
            return file.salt();
        }
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
        try {
            switch (durability) {
                case BUFFERED -> {}
                case WRITTEN -> writer.flushTo(bytes);
                case FORCED -> force(bytes);
            }
        } catch (DirectoryLostException e) {
            throw refusal.refused(e);
        }
    }

    /** Puts all that it has on the device. */
    void force() throws IOException {
        makeDurable(writer.length(), Durability.FORCED);
    }

    /** The directory first, so that a record can still become void when that fails. */
    private void force(long bytes) throws IOException {
        prove();
        forceName();
        forceTo(bytes);
    }

    /** Who forces a file vouches for what the opening has found in it too. */
    private void prove() throws IOException {
        recovered.prove();
    }

    private void forceName() throws IOException {
        if (!nameForced) {
            directory.force();
            nameForced = true;
        }
    }

    /** As {@link #force()}, but for its name and for what an opening has found. */
    void forceAll() throws IOException {
        forceTo(writer.length());
    }

    private void forceTo(long bytes) throws IOException {
        long unforced = bytes - writer.forcedBytes();
        ForceEvent event = unforced > 0 && Recordings.mayRun() ? ForceEvent.begun() : null;
        try {
            writer.forceTo(bytes);
        } catch (IOException e) {
            if (writer.isFailed()) { // Else the bytes found no space, and stay in the buffer.
                refusal.refuse(e);
            }
            throw e;
        } finally {
            if (event != null) {
                event.file = file.name();
                event.bytes = unforced;
                event.ended(directory.path());
            }
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
     * Whether a record fits beside everything that sealing still adds. The first may be longer than a file is filled to.
     *
     * @param expires whether it does
     */
    public boolean hasRoomFor(long recordBytes, boolean expires) {
        boolean full = pending.count() == IndexBlock.ENTRIES_MAX;
        boolean moments = pending.hasMoments();
        long blockBefore = full ? layout.indexBlockBytes(pending.count(), moments) : 0;
        long rest = full ? layout.sealBytes(1, expires) : layout.sealBytes(pending.count() + 1, moments || expires);
        long limit = file.content().recordBytes() == 0 ? fileBytesMax : filledBytes;
        return writer.length() + blockBefore + recordBytes + rest <= limit;
    }

    /**
     * Whether a record that has begun at an offset can become so long, beside everything that sealing still adds.
     *
     * @param expires whether it does
     */
    public boolean hasRoomFor(long recordOffset, long recordBytes, boolean expires) {
        long rest = layout.sealBytes(pending.count() + 1, pending.hasMoments() || expires);
        return recordOffset + recordBytes + rest <= fileBytesMax;
    }

    /** Appends a record, and tells it where it stands; on failure nothing was appended. */
    public void append(PendingRecord record, long sequence) throws IOException {
        makeRoomInIndexBlock(record.expires());
        long offset = writer.length();
        header.set(record.type(), sequence, writer.forcedBytes());
        record.describe(header);
        FileCipher cipher = file.cipher();
        if (cipher != null) {
            record.encryptFor(cipher);
            record.encryptKey(cipher, header, offset);
        }
        pushRecord(record.storedKey(), record.content(), record.table());
        record.appended(sequence, file.id(), offset);
        list(record, record.isCompressed());
    }

    /** Adds a record that stands in the file to what the next index block lists. */
    void list(IndexBlock.Listed entry, boolean compressed) {
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
        FileCipher cipher = file.cipher();
        ByteBuffer stored = key;
        if (cipher != null) {
            copyNonce = FileCipher.newRecordNonce();
            stored = encryptedKey(cipher, copied, copyOffset, copyNonce, key);
        }
        copied.encode(headerBytes.clear(), stored.duplicate(), place.at(copyOffset));
        push(headerBytes, stored);
    }

    /** Encrypts a key for a record that stands here, or will. */
    static ByteBuffer encryptedKey(
            FileCipher cipher, RecordHeader header, long offset, byte[] recordNonce, ByteBuffer key) {
        ByteBuffer target = ByteBuffer.allocate(key.remaining() + Layout.SEAL_BYTES);
        cipher.sealKey(header, offset, recordNonce, key, target);
        return target.flip();
    }

    /** Copies the payload of the record that is open in a source, between {@link #beginCopy} and {@link #endCopy}. */
    void copyPayload(RecordSource source) throws IOException {
        copyPayload(source, copyNonce);
    }

    /**
     * Copies the payload of the record that is open in a source; an encrypted one is decrypted and encrypted again.
     *
     * @param recordNonce of the copy, which is not looked at if it is not encrypted
     */
    void copyPayload(RecordSource source, byte[] recordNonce) throws IOException {
        if (file.cipher() == null) {
            source.forEachPiece(this::push);
            return;
        }
        ByteBuffer table = source.forEachBlock((number, block) -> pushBlock(recordNonce, number, block));
        if (table != null) {
            pushTable(recordNonce, table);
        }
    }

    /** Appends the next block of an encrypted record. */
    void pushBlock(byte[] recordNonce, int number, ByteBuffer block) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(block.remaining() + Layout.SEAL_BYTES);
        cipher().sealBlock(recordNonce, number, block, target);
        push(target.flip());
    }

    /** Appends the table of the blocks of an encrypted record. */
    void pushTable(byte[] recordNonce, ByteBuffer table) throws IOException {
        push(table, cipher().sealOfTable(recordNonce, table));
    }

    private FileCipher cipher() {
        return Objects.requireNonNull(file.cipher(), "not encrypted");
    }

    /** @param original the entry of the record in the file that it comes from */
    void endCopy(IndexBlock.Entry original, boolean compressed) {
        list(original.at(copyOffset), compressed);
        file.unfinished().finish();
    }

    /**
     * Sees to it that some records can be listed.
     *
     * @param originals the entries of records of another file that are to be copied; the first fits in any case
     * @param spareBytes what has to have room besides
     * @return how many of the first fit without an index block among them
     */
    int roomForCopies(List<IndexBlock.Entry> originals, long spareBytes) throws IOException {
        IndexBlock.Entry next = originals.get(0);
        makeRoomInIndexBlock(next.expires());
        long end = writer.length() + next.length();
        boolean moments = pending.hasMoments();
        int count = 1;
        while (count < originals.size() && pending.count() + count < IndexBlock.ENTRIES_MAX) {
            next = originals.get(count);
            moments |= next.expires();
            end += next.length();
            if (end + layout.sealBytes(pending.count() + count + 1, moments) + spareBytes > filledBytes) {
                break;
            }
            count++;
        }
        if (moments) {
            pending.prepareMoments();
        }
        return count;
    }

    /**
     * Makes a record of another file one of this, by its header.
     *
     * @param header what the header says
     * @param record all of it, from position to limit
     * @param offset where it will stand here
     */
    void moveCopy(RecordHeader header, ByteBuffer record, long offset) {
        int at = record.position();
        int keyAt = at + header.headerBytes();
        ByteBuffer key = record.duplicate().limit(keyAt + header.keyLength()).position(keyAt);
        header.set(header.type(), header.sequence(), writer.forcedBytes());
        header.encode(headerBytes.clear(), key, place.at(offset));
        record.put(at, headerBytes, 0, headerBytes.limit());
    }

    /** Names the files that this one replaces once it is sealed. */
    public void writeLineage(Lineage lineage) throws IOException {
        ByteBuffer payload = lineage.encode();
        file.content().lineageWritten(pushWithoutKey(RecordType.LINEAGE, payload, writer.forcedBytes()));
    }

    /**
     * Makes a record void whose bytes could not be flushed.
     *
     * @return false when another thread could flush them meanwhile: the record is then as good as any
     */
    boolean voidUnflushed(PendingRecord failed) {
        long offset = failed.offset();
        header.set(RecordType.VOID, failed.sequence(), 0);
        failed.describe(header);
        header.encode(headerBytes.clear(), failed.storedKey(), place.at(offset));
        if (!writer.amendUnflushed(headerBytes, offset)) {
            return false;
        }
        pending.removeAt(offset);
        file.content().removeVoided(failed, failed.isCompressed());
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
            Location block = pushWithoutKey(RecordType.INDEX_BLOCK, payload, forcedBytes);
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
     * <p>Its name comes last, unless somebody has forced it before: a file system with a journal has put the name there with the
     * first of the bytes, and has nothing left to do for it.
     *
     * @param appending held while something is appended, and not while anything is forced
     */
    public void seal(Lock appending) throws IOException {
        prove();
        try {
            forceAll();
            writeLocked(appending, this::writeIndexBlock);
            forceAll();
            writeLocked(appending, this::writeFooter);
            forceAll();
            forceName();
        } catch (DirectoryLostException e) {
            throw refusal.refused(e);
        }
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
        Location unused = pushWithoutKey(RecordType.FOOTER, payload, writer.forcedBytes());
        footerWritten = true;
    }

    /** Appends the next bytes of a record that is written in several steps. */
    void push(ByteBuffer... parts) throws IOException {
        try {
            writer.push(parts);
        } catch (DirectoryLostException e) {
            throw refusal.refused(e);
        }
    }

    private Location pushWithoutKey(int type, ByteBuffer payload, long forcedBytes) throws IOException {
        long payloadBytes = (long) payload.remaining() + layout.overheadBytes();
        Location location = new Location(
                file.id(), writer.length(), RecordHeader.BYTES + payloadBytes); // First: memory may be short.
        FileCipher cipher = file.cipher();
        header.set(type, 0, forcedBytes);
        header.setPayload(payloadBytes, cipher == null ? Checksums.of(payload) : 0);
        ByteBuffer stored = cipher == null ? payload : cipher.sealPayload(header, location.offset(), payload);
        pushRecord(NO_BYTES, stored, NO_BYTES);
        return location;
    }

    /** Appends a record that the header describes, of buffers whose positions stay. */
    private void pushRecord(ByteBuffer key, ByteBuffer content, ByteBuffer table) throws IOException {
        header.encode(headerBytes.clear(), key, place.at(writer.length()));
        parts[1] = key;
        parts[2] = content;
        parts[3] = table;
        try {
            push(parts);
        } finally {
            parts[2] = NO_BYTES; // The user's, which nobody else keeps.
        }
    }
}
