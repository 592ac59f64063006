package org.blobarena.store.internal.evict;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.Location;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.compact.ScannedEntries;
import org.blobarena.store.internal.compact.TombstoneSieve;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.IndexedKey;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.UnreadableException;
import org.blobarena.store.internal.core.cache.IdleTime;
import org.blobarena.store.internal.record.FileEntries;
import org.blobarena.store.internal.record.IndexEntries;
import org.blobarena.store.internal.watch.EvictionEvent;
import org.blobarena.store.internal.write.RecordSource;
import org.blobarena.store.internal.write.UnsealedFiles;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one file that nobody appends to out of the store, and with it the records that nobody wants.
 *
 * <p>A round has two halves. The first writes what has to be written, and may be given up at any point: every key is then what
 * it was. The second deletes the file, and has to be repeated until it succeeds. Why that is right at every step stands in the
 * documentation of the package. For one thread; one round at a time.
 */
final class EvictionRound {

    private static final Logger LOG = LoggerFactory.getLogger(EvictionRound.class);

    private final EvictionContext context;
    private final StoreFile file;
    private final EvictedFiles evictedFiles;
    private final boolean tells;
    private final RecordSource source = new RecordSource();
    private final Reinserter reinserter;
    private final @Nullable EvictionPolicy policy;
    private final long nowMillis;
    private List<Evicted> told = new ArrayList<>();
    private EvictionFigures figures = EvictionFigures.NOTHING;
    private boolean reinserts = true;
    private boolean prepared;
    private boolean deleted;

    /**
     * @param policy says what is written again; null if nothing is
     * @param tells whether somebody wants to know the keys, which are then read
     */
    EvictionRound(
            EvictionContext context,
            StoreFile file,
            EvictedFiles evictedFiles,
            @Nullable EvictionPolicy policy,
            boolean tells) {
        this.context = context;
        this.file = file;
        this.evictedFiles = evictedFiles;
        this.policy = policy;
        this.tells = tells;
        this.nowMillis = context.store().settings().clock().millis();
        this.reinserter = new Reinserter(context, source);
    }

    /** What was evicted, for somebody to be told. */
    record Evicted(EncodedKey key, long recordBytes) {}

    /** What was evicted since this was last asked, whatever has failed then. */
    List<Evicted> takeTold() {
        List<Evicted> taken = told;
        told = new ArrayList<>();
        return taken;
    }

    /** What was done since this was last asked. */
    EvictionFigures takeFigures() {
        EvictionFigures taken = figures;
        figures = EvictionFigures.NOTHING;
        return taken;
    }

    void describe(EvictionEvent event) {
        event.file = file.name();
        event.bytes = file.arena().length();
    }

    /** Whether the file may be gone, but not all that goes with it: nothing may be done before this round is run again. */
    boolean isHalfDone() {
        return deleted && !file.isRetired();
    }

    /** Whether all but the deletion is done. */
    boolean isPrepared() {
        return prepared && !file.isRetired();
    }

    /**
     * Evicts the file, which every write in flight has been waited for since it was complete; goes on where it failed before.
     *
     * @throws IOException if what has to be written cannot be, or the file cannot be deleted
     */
    void run() throws IOException {
        context.committing().lock();
        try {
            file.markLeaving();
            if (!prepared) {
                prepare();
                prepared = true;
            }
            delete();
            drop();
            context.store().files().remove(file);
            evictedFiles.add(file);
        } finally {
            context.committing().unlock();
        }
    }

    // ---- what is written before the file goes

    private void prepare() throws IOException {
        List<StoreFile> others = new ArrayList<>(context.store().files().all());
        others.remove(file);
        TombstoneSieve sieve = new TombstoneSieve(context.index(), others, this::listedIn, () -> false);
        boolean overlaps = sieve.hasObstacleBefore(file.content().sequenceMax());
        if (!file.isDamaged() && (overlaps || policy != null)) {
            try {
                writeAgain(sieve, overlaps);
            } catch (CorruptBlobException | UnreadableException e) {
                LOG.warn("{}: it is evicted without its help: {}", file, e.getMessage());
                file.markDamaged();
            }
        }
        if (file.isDamaged() && overlaps) {
            buryHidden(others);
        }
        if (overlaps) {
            context.writer().files().makeDurable(Durability.FORCED);
        } else {
            context.kept().force();
        }
    }

    private void writeAgain(TombstoneSieve sieve, boolean overlaps) throws IOException {
        FileEntries entries = entries(file);
        for (IndexBlock.Entry entry = entries.next(); entry != null; entry = entries.next()) {
            boolean goes = entry.type() == RecordType.TOMBSTONE || !isKept(entry);
            if (goes && overlaps) {
                sieve.add(file, entry);
            }
            if (sieve.isFull()) {
                writeNeeded(sieve);
            }
        }
        writeNeeded(sieve);
    }

    private FileEntries entries(StoreFile complete) throws IOException {
        return complete.isSealed()
                ? new IndexEntries(complete)
                : new ScannedEntries(complete, context.store().hasher());
    }

    /**
     * What a file that stays holds, also one that a stream goes on writing to: else everything that is evicted meanwhile would
     * need a tombstone, and when that is evicted another. Null where only its records could tell.
     */
    private @Nullable FileEntries listedIn(StoreFile other) throws IOException {
        if (other.isComplete() && !other.isSealed()) {
            return null;
        }
        UnsealedFiles.Listed listed = context.writer().files().listed(other);
        Iterator<IndexBlock.Entry> pending = listed.pending().iterator();
        try {
            IndexEntries blocks = new IndexEntries(other, listed.lastIndexBlock());
            return () -> {
                IndexBlock.Entry next = nextOf(other, blocks);
                return next == null && pending.hasNext() ? pending.next() : next;
            };
        } catch (UnreadableException e) {
            throw unlisted(other, e);
        }
    }

    private static IndexBlock.@Nullable Entry nextOf(StoreFile other, IndexEntries blocks) throws IOException {
        try {
            return blocks.next();
        } catch (UnreadableException e) {
            throw unlisted(other, e);
        }
    }

    /** What cannot be read for now says as little as what is damaged. */
    private static CorruptBlobException unlisted(StoreFile other, UnreadableException cause) {
        return other.corrupt(0, "index blocks cannot be read: " + cause.getMessage());
    }

    private void writeNeeded(TombstoneSieve sieve) throws IOException {
        for (TombstoneSieve.Tombstone tombstone : sieve.takeNeeded()) {
            count(reinserter.writeTombstone(tombstone.file(), tombstone.entry(), file));
        }
    }

    /**
     * Nobody can tell which keys a damaged file has. So each key that may have been there last, and of which a file that stays
     * has an older value, gets a tombstone, by what that file says of the key.
     */
    private void buryHidden(List<StoreFile> others) throws IOException {
        for (StoreFile other : others) {
            if (other.mayHoldDeadValues()
                    && other.mayHoldValueBefore(file.content().sequenceMax())) {
                try {
                    FileEntries listed = listedIn(other);
                    buryHidden(other, listed == null ? entries(other) : listed);
                } catch (CorruptBlobException | UnreadableException e) {
                    LOG.warn("{}: what is older there than in {} may come back: {}", other, file, e.getMessage());
                }
            }
        }
    }

    private void buryHidden(StoreFile other, FileEntries entries) throws IOException {
        for (IndexBlock.Entry entry = entries.next(); entry != null; entry = entries.next()) {
            Location present = context.index().getToChange(hash(entry));
            if (entry.type() == RecordType.VALUE
                    && entry.sequence() < file.content().sequenceMax()
                    && (present == null || present.fileIndex() == file.id())) {
                try {
                    count(reinserter.writeTombstone(other, entry, file));
                } catch (CorruptBlobException e) {
                    LOG.debug("{}: a record that cannot be read comes back for nobody: {}", other, e.getMessage());
                }
            }
        }
    }

    /** Whether the key of a record needs no tombstone: it has another record, or has been removed by one. */
    private boolean isKept(IndexBlock.Entry entry) throws IOException {
        Location location = location(entry);
        Location present = context.index().getToChange(hash(entry));
        if (!location.equals(present)) {
            // One that has expired hides older ones all the same, though it may have been taken out of the index.
            return present != null || !entry.expires();
        }
        return isWanted(entry) && reinsert(entry, location);
    }

    private boolean isWanted(IndexBlock.Entry entry) {
        return policy != null
                && reinserts
                && entry.expiryMillis() > nowMillis
                && !isIdle(entry)
                && policy.keeps(file.uses(entry.offset()), entry.length());
    }

    private boolean isIdle(IndexBlock.Entry entry) {
        IdleTime idle = context.idle();
        return idle != null && file.isIdle(idle, entry.offset(), nowMillis);
    }

    /** Whether the file need not keep the record any more. Where there is no space, or damage, it is evicted. */
    private boolean reinsert(IndexBlock.Entry entry, Location location) {
        try {
            if (reinserter.reinsert(file, entry, location)) {
                figures = figures.plus(new EvictionFigures(0, 0, 1, entry.length()));
            }
            return true;
        } catch (CorruptBlobException e) {
            LOG.warn("{}: a blob that was used is evicted, since it is damaged: {}", file, e.getMessage());
        } catch (IOException e) {
            reinserts = false; // What follows would meet the same.
            LOG.warn("{}: blobs that were used are evicted, since they cannot be written again", file, e);
        }
        return false;
    }

    // ---- the end of the file

    private void delete() throws IOException {
        StoreContext store = context.store();
        store.recovered().prove(); // Of the file too, which can be written again only as long as it is there.
        try {
            file.arena().outliveName(); // Who reads it goes on.
        } catch (NoSuchFileException e) {
            LOG.warn("{}: a file that is evicted is gone already", file);
        }
        deleted = true;
        store.refusal().watch(() -> {
            store.directory().delete(file.name());
            evictedFiles.nameGone(file); // Writers may take its room, while this waits.
            context.writer().sealer().awaitPresent();
            store.directory().force();
        });
    }

    /** Takes all records of the file out of the index, which may be damaged in part. */
    private void drop() throws IOException {
        boolean complete = false;
        if (!file.isDamaged()) {
            try {
                FileEntries entries = entries(file);
                for (IndexBlock.Entry entry = entries.next(); entry != null; entry = entries.next()) {
                    drop(entry);
                }
                complete = true;
            } catch (IOException e) {
                LOG.warn("{}: its blobs are evicted by the index, since it cannot be read: {}", file, e.getMessage());
            }
        }
        if (!complete || !file.isSealed()) { // A scan may pass over what the index points at.
            dropByIndex();
        }
    }

    private void drop(IndexBlock.Entry entry) throws IOException {
        Location location = location(entry);
        KeyHash hash = hash(entry);
        if (location.equals(context.index().getToChange(hash))) {
            byte[] key = tells ? keyOf(entry) : null;
            if (remove(hash, location) && key != null) {
                told.add(new Evicted(new EncodedKey(key, hash), entry.length()));
            }
        }
    }

    private void dropByIndex() throws IOException {
        try (LocationIndex.Cursor cursor = context.index().cursor()) {
            List<IndexedKey> found = new ArrayList<>();
            while (context.index().next(cursor, (hash, location) -> {
                if (location.fileIndex() == file.id()) {
                    found.add(new IndexedKey(hash, location));
                }
            })) {
                for (IndexedKey key : found) {
                    boolean unused = remove(key.hash(), key.location());
                }
                found.clear();
            }
        }
    }

    private boolean remove(KeyHash hash, Location location) throws IOException {
        ReentrantLock lock = context.keyLocks().of(hash);
        lock.lock();
        try {
            boolean removed = context.index().removeIfEqual(hash, location);
            if (removed) {
                figures = figures.plus(new EvictionFigures(1, location.length(), 0, 0));
            }
            return removed;
        } finally {
            lock.unlock();
        }
    }

    private void count(@Nullable Evicted evicted) {
        if (evicted != null) {
            figures = figures.plus(new EvictionFigures(1, evicted.recordBytes, 0, 0));
            if (tells) {
                told.add(evicted);
            }
        }
    }

    /** Null where the record is so damaged that nobody can tell. */
    private byte @Nullable [] keyOf(IndexBlock.Entry entry) {
        try {
            return source.open(file, entry);
        } catch (IOException e) {
            LOG.warn("{}: a blob is evicted whose key cannot be read: {}", file, e.getMessage());
            return null;
        }
    }

    private static KeyHash hash(IndexBlock.Entry entry) {
        return new KeyHash(entry.hashHigh(), entry.hashLow());
    }

    private Location location(IndexBlock.Entry entry) {
        return new Location(file.id(), entry.offset(), entry.length());
    }
}
