package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.time.InstantSource;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Pool;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.cache.IdleTime;
import org.blobarena.store.internal.record.OpenRecord;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a key is there. The index says so by itself, but for records of files that have blobs which expire: of those
 * the header is read.
 *
 * <p>Safe from any thread, within the gate of the store.
 */
final class Presence {

    private final FileTable files;
    private final SettledIndex index;
    private final InstantSource clock;
    private final @Nullable IdleTime idle;
    private final Pool<OpenRecord> records = Pool.unbounded(OpenRecord::new);

    /** @param idle null where blobs stay that nobody uses */
    Presence(FileTable files, SettledIndex index, InstantSource clock, @Nullable IdleTime idle) {
        this.files = files;
        this.index = index;
        this.clock = clock;
        this.idle = idle;
    }

    /**
     * Where the record of a key is, or null when the key is absent or its blob has expired or is idle. A damaged record is there, until
     * somebody reads it.
     */
    @Nullable Location find(KeyHash hash) throws IOException {
        long now = idle == null ? 0 : idle.now(); // Before the index is asked, which may have a newer record later.
        Location location = index.get(hash);
        while (location != null) {
            StoreFile file = files.get(location.fileIndex());
            if (file != null) {
                if (idle != null && file.isIdle(idle, location.offset(), now)) {
                    return null;
                }
                if (file.content().expiringRecords() == 0) {
                    return location;
                }
                try {
                    return isExpired(file, location) ? null : location;
                } catch (IllegalStateException | CorruptBlobException e) {
                    if (!file.isRetired()) {
                        return damaged(location, e);
                    }
                }
            }
            Location again = index.get(hash);
            if (file == null && location.equals(again)) {
                return location; // The file is missing, which a read reports.
            }
            location = again;
        }
        return null;
    }

    private static Location damaged(Location location, Exception e) {
        if (e instanceof IllegalStateException failure) {
            throw failure;
        }
        return location;
    }

    private boolean isExpired(StoreFile file, Location location) throws IOException {
        OpenRecord record = records.take();
        try (Scratch scratch = Scratch.take()) {
            return record.open(file, location, scratch).isExpired(clock);
        } finally {
            records.give(record);
        }
    }
}
