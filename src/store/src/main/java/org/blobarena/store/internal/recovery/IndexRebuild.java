package org.blobarena.store.internal.recovery;

import java.io.IOException;
import org.blobarena.arena.Location;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.StoreFile;

/**
 * Fills an empty index from the entries of all files, in any order of files, in constant memory.
 *
 * <p>Of the records of one key the one with the greatest sequence number wins. The index has no room for that
 * number, but it is seldom needed: within a file that took puts the later record of a key is the newer, and between
 * files the ranges of numbers mostly tell. Else it is read from the record. A tombstone stands in the index like a value
 * until all files are through, so that it wins over older values that come later; then {@link #dropTombstone}
 * takes it out.
 *
 * <p><b>Concurrency.</b> Several threads may apply entries, each those of another file; all else is for one thread. The
 * content of a file counts an entry before it is applied, so who finds it in the index knows of its number.
 */
final class IndexRebuild implements UnsealedScan.Target {

    private final LocationIndex index;
    private final FileTable files;
    private final RecordOrder order;

    IndexRebuild(LocationIndex index, FileTable files) {
        this.index = index;
        this.files = files;
        this.order = new RecordOrder(files);
    }

    @Override
    public void apply(StoreFile file, IndexBlock.Entry entry) throws IOException {
        KeyHash hash = hash(entry);
        Location location = location(file, entry);
        Location present = index.putIfAbsent(hash, location);
        while (present != null
                && order.isNewer(file, entry, present)
                && !index.replaceIfEqual(hash, present, location)) { // Another thread was quicker, with another file.
            present = index.putIfAbsent(hash, location);
        }
    }

    /** The same for a record whose header is damaged, so that its number stands in an index block alone. */
    @Override
    public void applyUnreadable(StoreFile file, IndexBlock.Entry entry) throws IOException {
        order.noteUnreadable(location(file, entry), entry);
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

    private static KeyHash hash(IndexBlock.Entry entry) {
        return new KeyHash(entry.hashHigh(), entry.hashLow());
    }

    private static Location location(StoreFile file, IndexBlock.Entry entry) {
        return new Location(file.id(), entry.offset(), entry.length());
    }
}
