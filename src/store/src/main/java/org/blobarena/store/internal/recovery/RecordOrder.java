package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.OpenRecord;
import org.blobarena.store.internal.record.SealedFileReader;
import org.jspecify.annotations.Nullable;

/**
 * Tells which of two records of a key is newer: the one with the greater sequence number, and of copies the one in the file
 * of the greater id. An index has no room for that number, but it is seldom needed: within a file that took puts the later
 * record is the newer, and between files the ranges of numbers mostly tell. Else it is read from the record. Safe from
 * any thread.
 */
public final class RecordOrder {

    private final FileTable files;
    private final OpenRecord record = new OpenRecord();

    /** The sequence numbers of what an index block lists and cannot be read. */
    private final Map<Location, Long> unreadable = new ConcurrentHashMap<>();

    public RecordOrder(FileTable files) {
        this.files = files;
    }

    /** The same for a record whose header is damaged, so that its number stands in an index block alone. */
    public void noteUnreadable(Location location, IndexBlock.Entry entry) {
        unreadable.put(location, entry.sequence());
    }

    /** Whether a record is newer than the one at a place that an index has for the same key. */
    public boolean isNewer(StoreFile file, IndexBlock.Entry entry, Location present) throws IOException {
        if (present.fileIndex() == file.id() && file.isInOrderOfSequence()) {
            return entry.offset() > present.offset();
        }
        StoreFile other = files.get(present.fileIndex());
        if (other == null || other.content().sequenceMax() < entry.sequence()) {
            return true;
        }
        long sequence = sequence(other, present);
        return sequence < entry.sequence() || (sequence == entry.sequence() && isBehind(file, entry, present));
    }

    /** A copy has the number of its original, and the greater file id. */
    private static boolean isBehind(StoreFile file, IndexBlock.Entry entry, Location other) {
        return file.id() == other.fileIndex() ? entry.offset() > other.offset() : file.id() > other.fileIndex();
    }

    private synchronized long sequence(StoreFile file, Location location) throws IOException {
        Long known = unreadable.get(location);
        if (known != null) {
            return known;
        }
        try (Scratch scratch = Scratch.take()) {
            return record.open(file, location, scratch).sequence();
        } catch (CorruptBlobException e) {
            Long listed = listedSequence(file, location);
            if (listed == null) {
                throw e;
            }
            return listed;
        }
    }

    /** Of a sealed file only entries of index blocks can point at a damaged header, so one of them knows. */
    private static @Nullable Long listedSequence(StoreFile file, Location location) throws IOException {
        Long[] found = new Long[1];
        try {
            SealedFileReader.forEachEntry(file, file.content().lastIndexBlock(), entry -> {
                if (entry.offset() == location.offset()) {
                    found[0] = entry.sequence();
                }
            });
        } catch (FormatException e) {
            throw file.corrupt(location.offset(), e.getMessage());
        }
        return found[0];
    }
}
