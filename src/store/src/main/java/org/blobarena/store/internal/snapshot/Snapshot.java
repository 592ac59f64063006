package org.blobarena.store.internal.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.crypt.StoreKeys;
import org.blobarena.store.internal.write.Pacer;
import org.blobarena.store.internal.write.RecordWriter;
import org.blobarena.store.internal.write.UnsealedFiles;

/**
 * Makes a store of its own of what another holds at one moment.
 *
 * <p>At that moment no write is in flight and the active file ends: what the other files hold by then is the snapshot.
 * They are sealed, and then, as they never change again, linked. What cannot be linked is pinned and copied, while writes and
 * compaction go on; of a file that a stream is writing to, what it had. {@link SnapshotTarget} says what a crash leaves.
 */
public final class Snapshot {

    private final StoreContext store;
    private final RecordWriter writer;
    private final KeyLocks keyLocks;
    private final Pacer pacer;

    /** To be copied, and pinned until then. */
    private final List<UnsealedFiles.SnapshotFile> pinned = new ArrayList<>();

    private final Set<Long> ids = new HashSet<>();

    public Snapshot(StoreContext store, RecordWriter writer, KeyLocks keyLocks, Pacer pacer) {
        this.store = store;
        this.writer = writer;
        this.keyLocks = keyLocks;
        this.pacer = pacer;
    }

    /**
     * Makes it.
     *
     * @param directory an empty one; or an earlier snapshot, if that is to be brought up to this one
     * @param committing held until all is linked or pinned, so that no file is deleted before
     */
    public void make(Directory directory, boolean incremental, ReentrantLock committing) throws IOException {
        StoreKeys storeKeys = store.keys();
        ByteBuffer keys = storeKeys == null ? null : storeKeys.encodeFile();
        SnapshotTarget target = incremental
                ? SnapshotTarget.emptyOrEarlier(directory, store.identity(), keys)
                : SnapshotTarget.empty(directory, store.identity(), keys);
        try {
            committing.lock();
            try {
                List<UnsealedFiles.SnapshotFile> files = endOfFiles();
                store.recovered().prove();
                writer.sealer().sealRolled();
                for (UnsealedFiles.SnapshotFile file : files) {
                    ids.add(file.file().id());
                    linkOrPin(file, target);
                }
            } finally {
                committing.unlock();
            }
            copyPinned(target);
            target.complete(ids);
        } finally {
            pinned.forEach(file -> file.file().unpin());
            target.close();
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

    private void linkOrPin(UnsealedFiles.SnapshotFile snapshotFile, SnapshotTarget target) throws IOException {
        StoreFile file = snapshotFile.file();
        if (!isFixed(snapshotFile) || !target.link(store.directory(), file.id())) {
            if (!file.pin()) {
                throw new IllegalStateException(file + " was retired while its deletion was held up");
            }
            pinned.add(snapshotFile);
        }
    }

    /** One that damage keeps from being sealed may yet be changed by a recovery, in one store and not the other. */
    private static boolean isFixed(UnsealedFiles.SnapshotFile snapshotFile) {
        return snapshotFile.file().isSealed() && !snapshotFile.grows();
    }

    /** Each is let go as soon as it is not needed any more, so that what compaction has replaced meanwhile goes. */
    private void copyPinned(SnapshotTarget target) throws IOException {
        for (UnsealedFiles.SnapshotFile file : List.copyOf(pinned)) {
            if (isFixed(file) && target.has(file.file().id(), file.file(), bytesOf(file))) {
                pinned.remove(file);
                file.file().unpin();
            }
        }
        pacer.begin(pinned.stream().mapToLong(Snapshot::bytesOf).sum());
        while (!pinned.isEmpty()) {
            UnsealedFiles.SnapshotFile next = pinned.get(0);
            target.copy(next.file().id(), next.file(), bytesOf(next), pacer);
            pinned.remove(0);
            next.file().unpin();
        }
    }

    private static long bytesOf(UnsealedFiles.SnapshotFile file) {
        return file.grows() ? file.recordsEnd() : file.file().arena().length();
    }
}
