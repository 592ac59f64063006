package org.blobarena.store.internal.evict;

import java.io.IOException;
import java.util.ArrayList;
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
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.UnreadableException;
import org.blobarena.store.internal.record.FileEntries;
import org.blobarena.store.internal.record.IndexEntries;
import org.blobarena.store.internal.write.RecordSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one file that nobody appends to out of the store, and with it the records that nobody wants.
 *
 * <p>Why that is right at every step stands in the documentation of the package. For one thread; one round at a time.
 */
final class EvictionRound {

    private static final Logger LOG = LoggerFactory.getLogger(EvictionRound.class);

    private final EvictionContext context;
    private final StoreFile file;
    private final boolean tells;
    private final List<Evicted> told = new ArrayList<>();
    private final RecordSource source = new RecordSource();
    private final Reinserter reinserter;
    private final @Nullable EvictionPolicy policy;
    private long evicted;
    private long evictedBytes;
    private long reinserted;
    private long reinsertedBytes;
    private final long nowMillis;
    private boolean reinserts = true;
    private boolean forces;

    /**
     * @param policy says what is written again; null if nothing is
     * @param tells whether somebody wants to know the keys, which are then read
     */
    EvictionRound(EvictionContext context, StoreFile file, @Nullable EvictionPolicy policy, boolean tells) {
        this.context = context;
        this.file = file;
        this.policy = policy;
        this.tells = tells;
        this.nowMillis = context.store().settings().clock().millis();
        this.reinserter = new Reinserter(context, source);
    }

    /** What was evicted, for somebody to be told. */
    record Evicted(EncodedKey key, long recordBytes) {}

    /** What was evicted so far, whatever has failed then. */
    List<Evicted> told() {
        return told;
    }

    /**
     * Evicts the file, which every write in flight has been waited for since it was complete.
     *
     * @throws CorruptBlobException if its index blocks are damaged or cannot be read; it is marked so, and still there
     * @throws IOException if what has to be written cannot be; it is still there, and can be tried again
     */
    EvictionFigures run() throws IOException {
        context.committing().lock();
        try {
            if (file.isDamaged()) {
                dropByIndex();
            } else {
                dropByEntries();
            }
            if (forces) {
                context.writer().files().makeDurable(Durability.FORCED);
            } else if (reinserted > 0) {
                context.kept().force();
            }
            context.retirement().retire(List.of(file));
            return new EvictionFigures(evicted, evictedBytes, reinserted, reinsertedBytes);
        } finally {
            context.committing().unlock();
        }
    }

    private void dropByEntries() throws IOException {
        TombstoneSieve sieve = sieve();
        boolean overlaps = sieve.hasObstacleBefore(file.content().sequenceMax());
        forces = overlaps;
        try {
            FileEntries entries = file.isSealed()
                    ? new IndexEntries(file)
                    : new ScannedEntries(file, context.store().hasher());
            for (IndexBlock.Entry entry = entries.next(); entry != null; entry = entries.next()) {
                boolean gone = entry.type() == RecordType.TOMBSTONE || dropOrReinsert(entry);
                if (gone && overlaps) {
                    sieve.add(file, entry);
                }
                if (sieve.isFull()) {
                    writeNeeded(sieve);
                }
            }
        } catch (CorruptBlobException | UnreadableException e) {
            file.markDamaged();
            throw file.corrupt(0, "cannot be evicted record by record: " + e.getMessage());
        }
        writeNeeded(sieve);
    }

    private TombstoneSieve sieve() {
        List<StoreFile> others = new ArrayList<>(context.store().files().all());
        others.remove(file);
        others.addAll(context.retirement().undeleted());
        return new TombstoneSieve(context.index(), others, true, () -> false);
    }

    private void writeNeeded(TombstoneSieve sieve) throws IOException {
        for (TombstoneSieve.Tombstone tombstone : sieve.takeNeeded()) {
            reinserter.writeTombstone(tombstone.file(), tombstone.entry());
        }
    }

    /** Whether the record was its key's newest, or may have been, and the key has none now. */
    private boolean dropOrReinsert(IndexBlock.Entry entry) throws IOException {
        KeyHash hash = new KeyHash(entry.hashHigh(), entry.hashLow());
        Location location = new Location(file.id(), entry.offset(), entry.length());
        Location present = context.index().get(hash);
        if (!location.equals(present)) {
            // One that has expired hides older ones all the same, though it may have been taken out of the index.
            return entry.expires() && present == null;
        }
        if (isWanted(entry) && reinsert(entry, location)) {
            return false;
        }
        byte[] key = tells ? keyOf(entry) : null;
        if (!remove(hash, location)) {
            return false;
        }
        if (key != null) {
            told.add(new Evicted(new EncodedKey(key, hash), entry.length()));
        }
        return true;
    }

    private boolean isWanted(IndexBlock.Entry entry) {
        return policy != null
                && reinserts
                && entry.expiryMillis() > nowMillis
                && file.isUsed(entry.offset())
                && policy.keeps(entry.length());
    }

    /** Whether the file need not keep the record any more. Where there is no space, or damage, it is evicted. */
    private boolean reinsert(IndexBlock.Entry entry, Location location) {
        try {
            if (reinserter.reinsert(file, entry, location)) {
                reinserted++;
                reinsertedBytes += entry.length();
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

    private boolean remove(KeyHash hash, Location location) {
        ReentrantLock lock = context.keyLocks().of(hash);
        lock.lock();
        try {
            boolean removed = context.index().removeIfEqual(hash, location);
            evicted += removed ? 1 : 0;
            evictedBytes += removed ? location.length() : 0;
            return removed;
        } finally {
            lock.unlock();
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

    /** Of a damaged file the index alone knows the records. */
    private void dropByIndex() throws IOException {
        try (LocationIndex.Cursor cursor = context.index().cursor()) {
            List<IndexedKey> found = new ArrayList<>();
            while (cursor.next((hash, location) -> {
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
}
