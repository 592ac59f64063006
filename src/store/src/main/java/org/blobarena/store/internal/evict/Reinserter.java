package org.blobarena.store.internal.evict;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.Location;
import org.blobarena.format.IndexBlock;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.write.KeptFile;
import org.blobarena.store.internal.write.PendingRecord;
import org.blobarena.store.internal.write.RecordSource;

/**
 * Writes what is to stay of a file that goes: records again, as new ones, and tombstones. For one thread.
 *
 * <p>What takes long comes before the key's lock, as with any write; with the lock it is seen whether the index points at the
 * old record still. If it does not, what was written is cut.
 */
final class Reinserter {

    private final EvictionContext context;
    private final RecordSource source;

    Reinserter(EvictionContext context, RecordSource source) {
        this.context = context;
        this.source = source;
    }

    /**
     * Writes a record again, if its key has it still.
     *
     * @return whether it was
     * @throws IOException if it cannot be read or written; the key has the old record then
     */
    boolean reinsert(StoreFile file, IndexBlock.Entry entry, Location location) throws IOException {
        EncodedKey key = context.store().hasher().encoded(source.openVerified(file, entry));
        KeptFile.Unpublished copy = context.kept().copy(source, key, entry);
        boolean published = false;
        ReentrantLock lock = context.keyLocks().of(key.hash());
        lock.lock();
        try {
            if (location.equals(context.index().get(key.hash()))) {
                Location place = copy.publish();
                published = true;
                context.index().put(key.hash(), place);
            }
            return published;
        } finally {
            lock.unlock();
            if (!published) {
                copy.cut();
            }
        }
    }

    /** Says that the key of a record is absent, if it is, in a record of its own. */
    void writeTombstone(StoreFile file, IndexBlock.Entry entry) throws IOException {
        EncodedKey key = context.store().hasher().encoded(source.open(file, entry));
        ReentrantLock lock = context.keyLocks().of(key.hash());
        lock.lock();
        try {
            if (context.index().get(key.hash()) == null) {
                context.writer().append(List.of(PendingRecord.tombstone(key)), Durability.BUFFERED);
            }
        } finally {
            lock.unlock();
        }
    }
}
