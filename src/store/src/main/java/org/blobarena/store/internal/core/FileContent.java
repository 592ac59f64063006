package org.blobarena.store.internal.core;

import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.arena.Location;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;

/**
 * What the records of one file amount to: the footer of a sealed file, the footer to be of another. Not safe
 * for several threads: the file's writer guards it with its lock. Only {@link #recordBytes}, {@link
 * #tombstoneBytes}, {@link #compressedRecords}, {@link #sequenceMax} and what is told of expiry may be asked without it, so that
 * nobody who wants figures waits for a write. A record that an index shows has been counted before.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock alone
public final class FileContent {

    private Location lastIndexBlock;
    private Location lineage;
    private long records;
    private long tombstones;
    private volatile long recordBytes;
    private volatile long tombstoneBytes;
    private volatile long compressedRecords;
    private volatile long expiringRecords;
    private long earliestMillis;
    private final AtomicLong dueMillis = new AtomicLong(RecordHeader.NEVER);
    private final AtomicLong sweptMillis = new AtomicLong(Long.MIN_VALUE);
    private long sequenceMin;
    private volatile long sequenceMax;

    public FileContent(ArenaFooter content) {
        become(content);
    }

    /** Takes over what the footer of the file says, which is sealed by now. */
    public final void become(ArenaFooter content) {
        lastIndexBlock = content.lastIndexBlock();
        lineage = content.lineage();
        records = content.records();
        tombstones = content.tombstones();
        recordBytes = content.recordBytes();
        tombstoneBytes = content.tombstoneBytes();
        compressedRecords = content.compressedRecords();
        expiringRecords = content.expiringRecords();
        earliestMillis = content.earliestMillis();
        if (expiringRecords > 0) {
            dueMillis.set(earliestMillis);
        }
        sequenceMin = content.sequenceMin();
        sequenceMax = content.sequenceMax();
    }

    public static FileContent none(long fileId) {
        Location nowhere = new Location(fileId, 0, 0);
        return new FileContent(new ArenaFooter(nowhere, nowhere, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    }

    /** Forgets everything, to be added anew. */
    public void reset() {
        FileContent empty = none(lastIndexBlock.fileIndex());
        lastIndexBlock = empty.lastIndexBlock;
        lineage = empty.lineage;
        records = 0;
        tombstones = 0;
        recordBytes = 0;
        tombstoneBytes = 0;
        compressedRecords = 0;
        expiringRecords = 0;
        earliestMillis = 0;
        dueMillis.set(RecordHeader.NEVER);
        sequenceMin = 0;
        sequenceMax = 0;
    }

    /** @param compressed whether it is a value that is */
    public void add(IndexBlock.Listed entry, boolean compressed) {
        sequenceMin = records == 0 ? entry.sequence() : Math.min(sequenceMin, entry.sequence());
        sequenceMax = Math.max(sequenceMax, entry.sequence());
        records++;
        recordBytes += entry.length();
        if (entry.type() == RecordType.TOMBSTONE) {
            tombstones++;
            tombstoneBytes += entry.length();
        }
        compressedRecords += compressed ? 1 : 0;
        if (entry.expires()) {
            long moment = entry.expiryMillis();
            earliestMillis = expiringRecords == 0 ? moment : Math.min(earliestMillis, moment);
            expiringRecords++;
            sweptMillis.accumulateAndGet(moment, Math::min);
            dueMillis.accumulateAndGet(moment, Math::min);
        }
    }

    /** A record that was added turned out void: its bytes stay, as dead ones. */
    public void removeVoided(IndexBlock.Listed entry, boolean compressed) {
        records--;
        if (entry.type() == RecordType.TOMBSTONE) {
            tombstones--;
            tombstoneBytes -= entry.length();
        }
        compressedRecords -= compressed ? 1 : 0;
        if (entry.expires()) {
            expiringRecords--;
            earliestMillis = expiringRecords == 0 ? 0 : earliestMillis;
        }
    }

    public void indexBlockWritten(Location block) {
        lastIndexBlock = block;
    }

    public void lineageWritten(Location record) {
        lineage = record;
    }

    /** Where the ids of the files are that this one replaces; of length 0 when it replaces none. */
    public Location lineage() {
        return lineage;
    }

    public Location lastIndexBlock() {
        return lastIndexBlock;
    }

    public long recordBytes() {
        return recordBytes;
    }

    /** Bytes of a void record: dead ones. */
    public void addVoid(long bytes) {
        recordBytes += bytes;
    }

    public long tombstoneBytes() {
        return tombstoneBytes;
    }

    /** How many values are compressed, so that their lengths do not tell those of their blobs. */
    public long compressedRecords() {
        return compressedRecords;
    }

    /** How many values expire, so that whether a key is there, and how long its blob is, has to be asked of the record. */
    public long expiringRecords() {
        return expiringRecords;
    }

    /** Whether the index alone tells that a key is there, and how long its blob is. */
    public boolean isToldByIndex() {
        return compressedRecords == 0 && expiringRecords == 0;
    }

    /**
     * How far the index was cleared of expired records.
     *
     * @param sweptMillis the index points at no record that expires before this moment
     * @param dueMillis it points at none that expires before this one; {@link RecordHeader#NEVER} if at none that does
     */
    public record Swept(long sweptMillis, long dueMillis) {}

    /** The moment at which the index may have to be cleared of a record; {@link RecordHeader#NEVER} if there is none. */
    public long dueMillis() {
        return dueMillis.get();
    }

    /**
     * Somebody clears the index of the records that were added by now and have expired; what is added from here on counts anew.
     *
     * @return how far that has been done, to be told of {@link #endSweep} if it fails
     */
    public Swept beginSweep(long nowMillis) {
        Swept before = new Swept(sweptMillis.get(), dueMillis.getAndSet(RecordHeader.NEVER));
        sweptMillis.set(Math.max(before.sweptMillis, nowMillis));
        return before;
    }

    /** The index is as far cleared as said, of the records that were added before {@link #beginSweep}. */
    public void endSweep(Swept swept) {
        sweptMillis.accumulateAndGet(swept.sweptMillis, Math::min);
        dueMillis.accumulateAndGet(swept.dueMillis, Math::min);
    }

    public long tombstones() {
        return tombstones;
    }

    long sequenceMin() {
        return sequenceMin;
    }

    public long sequenceMax() {
        return sequenceMax;
    }

    public ArenaFooter toFooter() {
        return new ArenaFooter(
                lastIndexBlock,
                lineage,
                records,
                tombstones,
                recordBytes,
                tombstoneBytes,
                compressedRecords,
                expiringRecords,
                earliestMillis,
                sequenceMin,
                sequenceMax);
    }
}
