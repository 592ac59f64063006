package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.io.Directory;
import org.blobarena.arena.io.FileHandle;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.FileNames;

/**
 * Makes a store of its own of what another holds at one moment.
 *
 * <p>At that moment no write is in flight and the active file ends: what the other files hold by then is the snapshot.
 * They are sealed, and then, as they never change again, linked. The identity comes last: without it the directory is no
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
            List<StoreFile> files = endOfFiles();
            writer.sealRolled();
            for (StoreFile file : files) {
                // One that damage keeps from being sealed may yet be changed by a recovery, in one store and not the
                // other.
                if (!file.isSealed() || !store.directory().link(file.name(), target)) {
                    copy(file, target);
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
     * The files that hold everything now. Not among them: what compaction is writing, since its originals are still
     * there.
     */
    private List<StoreFile> endOfFiles() {
        keyLocks.lockAll();
        try {
            return writer.rollAll();
        } finally {
            keyLocks.unlockAll();
        }
    }

    private void copy(StoreFile file, Directory target) throws IOException {
        try (FileHandle copy = target.create(file.name());
                Scratch scratch = Scratch.take()) {
            long end = file.arena().length();
            for (long position = 0; position < end; ) {
                ByteBuffer piece = scratch.buffer(end - position);
                file.arena().read(piece, position);
                copy.write(piece.flip(), position);
                position += piece.limit();
            }
            copy.force();
        }
    }
}
