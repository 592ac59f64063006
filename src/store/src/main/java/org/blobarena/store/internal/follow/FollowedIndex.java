package org.blobarena.store.internal.follow;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.blobarena.arena.Location;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.recovery.RecordOrder;
import org.blobarena.store.internal.recovery.UnsealedScan;
import org.jspecify.annotations.Nullable;

/**
 * The newest record of each key in the files of a view: values in one index, which reads use, tombstones in another. A
 * tombstone is kept for as long as its file is there, since compaction may bring older values of its key in new files.
 *
 * <p>Records come in any order, and some of them twice. Of two the newer counts, as {@link RecordOrder} says, with one
 * exception. A file that is leaving has its newest needed records in others that came, or will come before it is dropped; so
 * what it has of a key gives way to any record in another file, without being read: the copy of it, if there is one, wins
 * in the end. And if there is none, no older value is in any file either, or compaction would not have left it out.
 *
 * <p>For one thread at a time; readers may look up values meanwhile, and find what was there before or after.
 */
final class FollowedIndex implements UnsealedScan.Target {

    private final LocationIndex values;
    private final LocationIndex tombstones;
    private final FileTable files;
    private final RecordOrder order;
    private Set<Long> leaving = Set.of();

    FollowedIndex(LocationIndex values, LocationIndex tombstones, FileTable files) {
        this.values = values;
        this.tombstones = tombstones;
        this.files = files;
        this.order = new RecordOrder(files);
    }

    /** Sets which files are dropped next. */
    void setLeaving(Set<Long> fileIds) {
        leaving = fileIds;
    }

    @Override
    public void apply(StoreFile file, IndexBlock.Entry entry) throws IOException {
        KeyHash hash = new KeyHash(entry.hashHigh(), entry.hashLow());
        Location location = new Location(file.id(), entry.offset(), entry.length());
        boolean removes = entry.type() == RecordType.TOMBSTONE;
        Location other = (removes ? values : tombstones).get(hash);
        if (other != null && !isNewer(file, entry, other)) {
            return;
        }
        if (removes) {
            put(tombstones, hash, location, file, entry);
            removeValue(hash, other);
        } else if (put(values, hash, location, file, entry) && other != null) {
            boolean unused = tombstones.removeIfEqual(hash, other);
        }
    }

    @Override
    public void applyUnreadable(StoreFile file, IndexBlock.Entry entry) throws IOException {
        order.noteUnreadable(new Location(file.id(), entry.offset(), entry.length()), entry);
        apply(file, entry);
    }

    /** Stores a location if it is that of a newer record than the one that is there. */
    private boolean put(LocationIndex index, KeyHash hash, Location location, StoreFile file, IndexBlock.Entry entry)
            throws IOException {
        Location present = index.get(hash);
        if (location.equals(present) || (present != null && !isNewer(file, entry, present))) {
            return false;
        }
        Location replaced = index.put(hash, location);
        if (index == values) {
            addLive(location, location.length());
            addDead(replaced);
        }
        return true;
    }

    private boolean isNewer(StoreFile file, IndexBlock.Entry entry, Location present) throws IOException {
        return (leaving.contains(present.fileIndex()) && present.fileIndex() != file.id())
                || order.isNewer(file, entry, present);
    }

    private void removeValue(KeyHash hash, @Nullable Location present) {
        if (present != null && values.removeIfEqual(hash, present)) {
            addDead(present);
        }
    }

    private void addDead(@Nullable Location location) {
        if (location != null) {
            addLive(location, -location.length());
        }
    }

    private void addLive(Location location, long bytes) {
        StoreFile file = files.get(location.fileIndex());
        if (file != null) {
            file.addLive(bytes);
        }
    }

    /** Forgets a record of a file that is leaving, if it is still the newest of its key. */
    void forget(StoreFile file, IndexBlock.Entry entry) {
        KeyHash hash = new KeyHash(entry.hashHigh(), entry.hashLow());
        Location location = new Location(file.id(), entry.offset(), entry.length());
        boolean unused = (entry.type() == RecordType.TOMBSTONE ? tombstones : values).removeIfEqual(hash, location);
    }

    /** Forgets all records of the files that are leaving, by looking at every key. */
    void forgetLeaving() {
        forgetLeaving(values);
        forgetLeaving(tombstones);
    }

    private void forgetLeaving(LocationIndex index) {
        List<KeyHash> found = new ArrayList<>();
        try (LocationIndex.Cursor cursor = index.cursor()) {
            while (cursor.next((hash, location) -> {
                if (leaving.contains(location.fileIndex())) {
                    found.add(hash);
                }
            })) {
                for (KeyHash hash : found) {
                    Location present = index.get(hash);
                    boolean unused = present != null
                            && leaving.contains(present.fileIndex())
                            && index.removeIfEqual(hash, present);
                }
                found.clear();
            }
        }
    }

    /** Returns the disk space of both. */
    long fileBytes() {
        return values.fileBytes() + tombstones.fileBytes();
    }
}
