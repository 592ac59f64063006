package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.format.FileNames;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.RecoveredFiles;
import org.blobarena.store.internal.core.SmallFiles;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.write.RecordWriter;
import org.blobarena.store.internal.write.UnsealedFiles;

/**
 * Makes a store of its own of what another holds at one moment.
 *
 * <p>At that moment no write is in flight and the active file ends: what the other files hold by then is the snapshot.
 * They are sealed, and then, as they never change again, linked. Of a file that a stream is writing to, what it has is
 * copied. The identity comes last: without it the directory is no
 * store, so a crash leaves a whole snapshot or none.
 */
final class Snapshot {

    private final StoreContext store;
    private final RecordWriter writer;
    private final KeyLocks keyLocks;

    Snapshot(StoreContext store, RecordWriter writer, KeyLocks keyLocks) {
        this.store = store;
        this.writer = writer;
        this.keyLocks = keyLocks;
    }

    /**
     * Makes it.
     *
     * @param target an empty directory
     * @param committing held meanwhile, so that no file is deleted before it is linked
     */
    void make(Directory target, ReentrantLock committing) throws IOException {
        committing.lock();
        try {
            List<UnsealedFiles.SnapshotFile> files = endOfFiles();
            store.recovered().prove();
            writer.sealer().sealRolled();
            for (UnsealedFiles.SnapshotFile snapshotFile : files) {
                StoreFile file = snapshotFile.file();
                if (snapshotFile.grows()) {
                    copy(file, snapshotFile.recordsEnd(), target);
                } else if (!file.isSealed() || !store.directory().link(file.name(), target)) {
                    // One that damage keeps from being sealed may yet be changed by a recovery, in one store and not
                    // the other.
                    copy(file, file.arena().length(), target);
                }
            }
            target.force();
            SmallFiles.replace(
                    target,
                    FileNames.IDENTITY,
                    FileNames.IDENTITY_UNFINISHED,
                    store.identity().encodeFile());
        } finally {
            committing.unlock();
        }
    }

    /**
     * Returns the files that hold everything now. Not among them: what compaction is writing, since its originals are
     * still there.
     */
    private List<UnsealedFiles.SnapshotFile> endOfFiles() {
        keyLocks.lockAll();
        try {
            return writer.files().rollForSnapshot();
        } finally {
            keyLocks.unlockAll();
        }
    }

    private static void copy(StoreFile file, long end, Directory target) throws IOException {
        try (FileHandle copy = target.create(file.name())) {
            RecoveredFiles.copy(file.arena()::read, copy, new RecoveredFiles.Range(0, end));
            copy.force();
        }
    }
}
