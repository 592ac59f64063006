package org.blobarena.store.internal.core;

import org.blobarena.arena.Location;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordType;

/**
 * What the records of one file amount to: the footer of a sealed file, the footer to be of another. Not safe
 * for several threads: the file's writer guards it with its lock. Only {@link #recordBytes}, {@link
 * #tombstoneBytes} and {@link #compressedRecords} may be asked without it, so that nobody who wants figures waits for a
 * write. A record that an index shows has been counted before.
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
    private long sequenceMin;
    private long sequenceMax;

    public FileContent(ArenaFooter content) {
        lastIndexBlock = content.lastIndexBlock();
        lineage = content.lineage();
        records = content.records();
        tombstones = content.tombstones();
        recordBytes = content.recordBytes();
        tombstoneBytes = content.tombstoneBytes();
        compressedRecords = content.compressedRecords();
        sequenceMin = content.sequenceMin();
        sequenceMax = content.sequenceMax();
    }

    public static FileContent none(long fileId) {
        Location nowhere = new Location(fileId, 0, 0);
        return new FileContent(new ArenaFooter(nowhere, nowhere, 0, 0, 0, 0, 0, 0, 0));
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
        sequenceMin = 0;
        sequenceMax = 0;
    }

    /** @param compressed whether it is a value that is */
    public void add(IndexBlock.Entry entry, boolean compressed) {
        sequenceMin = records == 0 ? entry.sequence() : Math.min(sequenceMin, entry.sequence());
        sequenceMax = Math.max(sequenceMax, entry.sequence());
        records++;
        recordBytes += entry.length();
        if (entry.type() == RecordType.TOMBSTONE) {
            tombstones++;
            tombstoneBytes += entry.length();
        }
        compressedRecords += compressed ? 1 : 0;
    }

    /** A record that was added turned out void: its bytes stay, as dead ones. */
    public void removeVoided(IndexBlock.Entry entry, boolean compressed) {
        records--;
        if (entry.type() == RecordType.TOMBSTONE) {
            tombstones--;
            tombstoneBytes -= entry.length();
        }
        compressedRecords -= compressed ? 1 : 0;
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
                sequenceMin,
                sequenceMax);
    }
}
