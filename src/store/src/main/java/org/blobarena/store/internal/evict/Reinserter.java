package org.blobarena.store.internal.evict;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.Location;
import org.blobarena.format.IndexBlock;
import org.blobarena.index.IndexProbe;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.write.KeptFile;
import org.blobarena.store.internal.write.PendingRecord;
import org.blobarena.store.internal.write.RecordSource;
import org.jspecify.annotations.Nullable;

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
            if (location.equals(context.index().getToChange(key.hash()))) {
                IndexProbe probe = new IndexProbe();
                Location place = copy.publish();
                published = true;
                takeTimeAlong(file, location, place);
                probe.set(key.hashHigh(), key.hashLow());
                probe.found(place);
                context.index().put(probe);
                takeTimeAlong(file, location, place); // Of who has found it at the old place before.
            }
            return published;
        } finally {
            lock.unlock();
            if (!published) {
                copy.cut();
            }
        }
    }

    private void takeTimeAlong(StoreFile old, Location from, Location to) {
        StoreFile file = context.store().files().get(to.fileIndex());
        if (file != null) {
            file.writeAgain(to.offset(), old, from.offset());
        }
    }

    /**
     * Says in a record of its own that a key is absent, if it is, or has a record of the file that goes: then it is absent from
     * now on.
     *
     * @param entry of a record of the key, in any file
     * @return what the key has lost; null if it had nothing, or has something newer
     */
    EvictionRound.@Nullable Evicted writeTombstone(StoreFile file, IndexBlock.Entry entry, StoreFile going)
            throws IOException {
        EncodedKey key = context.store().hasher().encoded(source.open(file, entry));
        ReentrantLock lock = context.keyLocks().of(key.hash());
        lock.lock();
        try {
            Location present = context.index().getToChange(key.hash());
            if (present != null && present.fileIndex() != going.id()) {
                return null;
            }
            context.writer().append(PendingRecord.tombstone(key, context.store().layout()), Durability.BUFFERED);
            return present != null && context.index().removeIfEqual(key.hash(), present)
                    ? new EvictionRound.Evicted(key, present.length())
                    : null;
        } finally {
            lock.unlock();
        }
    }
}
