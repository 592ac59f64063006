package org.blobarena.store.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.CleanMark;
import org.blobarena.format.Layout;
import org.blobarena.format.Limits;
import org.blobarena.store.api.CompactionStats;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.crypt.FileCipher;
import org.blobarena.store.internal.write.UnsealedFiles;

/** Adds up what the files of a store hold: for its user, and for its next opening. */
final class StoreFigures {

    private StoreFigures() {}

    static StoreStats of(
            StoreContext store, SettledIndex index, String indexKind, OpenReport opening, CompactionStats compaction) {
        long live = 0;
        long dead = 0;
        long expired = 0;
        long needed = 0;
        long bytes = 0;
        List<StoreFile> files = store.files().all();
        for (StoreFile file : files) {
            live += liveBytes(file);
            dead += deadRecordBytes(file);
            expired += file.expiredBytes();
            needed += file.arena().length() - file.deadBytes();
            bytes += file.arena().length();
        }
        return new StoreStats(
                index.size(),
                live,
                dead,
                expired,
                needed,
                files.size(),
                bytes,
                index.fileBytes(),
                indexKind,
                store.layout() == Layout.PLAIN ? Limits.FORMAT_VERSION : Limits.ENCRYPTED_VERSION,
                opening,
                compaction);
    }

    static List<FileStats> ofFiles(StoreContext store) {
        List<FileStats> stats = new ArrayList<>();
        for (StoreFile file : store.files().all()) {
            stats.add(new FileStats(
                    store.directory().path().resolve(file.name()),
                    file.isSealed(),
                    file.arena().length(),
                    liveBytes(file),
                    deadRecordBytes(file),
                    file.content().tombstones()));
        }
        return stats;
    }

    /** The ids of the keys that files are encrypted with. */
    static SortedSet<Integer> keyIds(StoreContext store) {
        SortedSet<Integer> ids = new TreeSet<>();
        for (StoreFile file : store.files().all()) {
            FileCipher cipher = file.cipher();
            ArenaHeader.FileKey fileKey = cipher == null ? null : cipher.fileKey();
            if (fileKey != null) {
                ids.add(fileKey.keyId());
            }
        }
        return ids;
    }

    /** The index as a clean close left it: its file, and how many keys it has. */
    record ClosedIndex(String name, long size) {}

    static CleanMark mark(StoreContext store, UnsealedFiles unsealed, ClosedIndex index) {
        List<CleanMark.FileState> states = new ArrayList<>();
        for (StoreFile file : store.files().all()) {
            states.add(new CleanMark.FileState(
                    file.id(),
                    status(file, unsealed),
                    file.arena().length(),
                    file.liveBytes(),
                    file.content().toFooter()));
        }
        UnsealedFiles.Counters counters = unsealed.counters();
        return new CleanMark(
                store.identity().storeId(),
                counters.nextSequence(),
                counters.nextFileId(),
                index.name,
                index.size,
                states);
    }

    private static CleanMark.Status status(StoreFile file, UnsealedFiles unsealed) {
        if (file.isSealed() && !file.isDamaged()) {
            return CleanMark.Status.SEALED;
        }
        return unsealed.isActive(file) ? CleanMark.Status.ACTIVE : CleanMark.Status.LEFT;
    }

    private static long liveBytes(StoreFile file) {
        return file.liveBytes() + file.content().tombstoneBytes();
    }

    private static long deadRecordBytes(StoreFile file) {
        return Math.max(0, file.content().recordBytes() - liveBytes(file));
    }
}
