package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.OpenRecord;
import org.blobarena.store.internal.record.SealedFileReader;
import org.jspecify.annotations.Nullable;

/**
 * Fills an empty index from the entries of all files, in any order of files, in constant memory.
 *
 * <p>Of the records of one key the one with the greatest sequence number wins. The index has no room for that
 * number, but it is seldom needed: within a file that took puts the later record of a key is the newer, and between
 * files the ranges of numbers mostly tell. Else it is read from the record. A tombstone stands in the index like a value
 * until all files are through, so that it wins over older values that come later; then {@link #dropTombstone}
 * takes it out.
 */
final class IndexRebuild implements UnsealedScan.Target {

    private final LocationIndex index;
    private final FileTable files;
    private final OpenRecord record = new OpenRecord();

    /** The sequence numbers of what an index block lists and cannot be read. */
    private final Map<Location, Long> unreadable = new HashMap<>();

    IndexRebuild(LocationIndex index, FileTable files) {
        this.index = index;
        this.files = files;
    }

    @Override
    public void apply(StoreFile file, IndexBlock.Entry entry) throws IOException {
        KeyHash hash = hash(entry);
        Location location = location(file, entry);
        Location present = index.putIfAbsent(hash, location);
        if (present != null && isNewer(file, entry, present)) {
            index.put(hash, location);
        }
    }

    /** The same for a record whose header is damaged, so that its number stands in an index block alone. */
    @Override
    public void applyUnreadable(StoreFile file, IndexBlock.Entry entry) throws IOException {
        unreadable.put(location(file, entry), entry.sequence());
        apply(file, entry);
    }

    /** To be called for every tombstone after everything was applied. */
    void dropTombstone(StoreFile file, IndexBlock.Entry entry) {
        if (entry.type() == RecordType.TOMBSTONE) {
            index.removeIfEqual(hash(entry), location(file, entry));
        }
    }

    /** To be called at last: adds up what is live in each file. */
    void countLiveBytes() {
        try (LocationIndex.Cursor cursor = index.cursor()) {
            while (cursor.next((hash, location) -> {
                StoreFile file = files.get(location.fileIndex());
                if (file != null) {
                    file.addLive(location.length());
                }
            })) {}
        }
    }

    private boolean isNewer(StoreFile file, IndexBlock.Entry entry, Location present) throws IOException {
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

    private long sequence(StoreFile file, Location location) throws IOException {
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

    private static KeyHash hash(IndexBlock.Entry entry) {
        return new KeyHash(entry.hashHigh(), entry.hashLow());
    }

    private static Location location(StoreFile file, IndexBlock.Entry entry) {
        return new Location(file.id(), entry.offset(), entry.length());
    }
}
