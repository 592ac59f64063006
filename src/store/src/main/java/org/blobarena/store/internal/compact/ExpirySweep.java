package org.blobarena.store.internal.compact;

import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.Location;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.FileContent;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.IndexEntries;
import org.blobarena.store.internal.write.UnsealedFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes records out of the index whose blob has expired. From then on they count as dead bytes, so that compaction reclaims
 * them as any others.
 *
 * <p>Each file knows the moment before which none of its records expires. Once that has passed, its index blocks are read,
 * not its records: they have the moments. What has expired is looked up with its key's lock held, so that it is found in the
 * index if a write is about to put it there, and no write sees it vanish. Readers do not depend on any of this: they ask the
 * record.
 *
 * <p>A sweep that had much to read is followed by turns without one, so that blobs that expire one by one do not keep a
 * thread busy: it takes some part of the time, whatever there is.
 *
 * <p>For one thread at a time.
 */
final class ExpirySweep {

    private static final Logger LOG = LoggerFactory.getLogger(ExpirySweep.class);

    /** So many entries read cost a turn. */
    static final int ENTRIES_PER_TURN = 1 << 16;

    private static final long PAUSE_MILLIS_MAX = 60_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final CompactionContext context;
    private final FileFigures files;
    private final InstantSource clock;
    private long turnsToSkip;

    /** @param files the figures of the files that are swept */
    ExpirySweep(CompactionContext context, FileFigures files) {
        this.context = context;
        this.files = files;
        this.clock = context.store().settings().clock();
    }

    /** Whether a record may have expired. The clock is not asked where none can. Safe from any thread. */
    boolean isDue() {
        long due = files.firstDueMillis();
        return due != RecordHeader.NEVER && due <= clock.millis();
    }

    /**
     * How long it takes until a record may have expired, which no write changes; at most a while, since clocks are set.
     *
     * @param leastNanos the least to be returned
     * @return {@link Long#MAX_VALUE} if no record expires
     */
    long pauseNanos(long leastNanos) {
        long due = files.firstDueMillis();
        if (due == RecordHeader.NEVER) {
            return Long.MAX_VALUE;
        }
        return Math.max(leastNanos, Math.min(PAUSE_MILLIS_MAX, due - clock.millis()) * NANOS_PER_MILLI);
    }

    /** Sweeps all files that are due, unless that is no turn of it. */
    void sweepInTurn() throws IOException {
        if (turnsToSkip > 0) {
            turnsToSkip--;
        } else if (isDue()) {
            turnsToSkip = sweepAll() / ENTRIES_PER_TURN;
        }
    }

    /**
     * Sweeps all files that are due.
     *
     * @return how many entries that took
     * @throws IOException if one cannot be read; the others are swept
     */
    long sweepAll() throws IOException {
        long entries = 0;
        IOException failure = null;
        if (!isDue()) {
            return 0;
        }
        for (StoreFile file : files.due(clock.millis())) {
            if (!file.pin()) {
                continue; // Evicted at this moment, and in the index no more.
            }
            try {
                entries += sweep(file);
            } catch (CorruptBlobException e) {
                file.markDamaged(); // As where a compaction meets it.
                LOG.warn("{}: expired blobs cannot be found until it is repaired: {}", file, e.getMessage());
            } catch (IOException e) {
                failure = e;
            } finally {
                file.unpin();
            }
        }
        if (failure != null) {
            throw failure;
        }
        return entries;
    }

    private long sweep(StoreFile file) throws IOException {
        long now = clock.millis();
        UnsealedFiles.BegunSweep begun = context.writer().files().beginSweep(file, now);
        UnsealedFiles.Listed listed = begun.listed();
        FileContent.Swept result = begun.before();
        try {
            FileSweep sweep = new FileSweep(file, result.sweptMillis(), now);
            IndexEntries blocks = new IndexEntries(file, listed.lastIndexBlock());
            for (IndexBlock.Entry entry = blocks.next(); entry != null; entry = blocks.next()) {
                sweep.visit(entry);
            }
            for (IndexBlock.Entry entry : listed.pending()) {
                sweep.visit(entry);
            }
            file.setExpiredBytes(sweep.expiredBytes);
            result = new FileContent.Swept(Math.min(now, sweep.keptMillis), sweep.nextMillis);
            return sweep.entries;
        } finally {
            file.content().endSweep(result);
            file.changed();
        }
    }

    /** A sweep of one file. */
    private final class FileSweep {

        private final StoreFile file;
        private final long sweptMillis;
        private final long nowMillis;
        private long entries;
        private long expiredBytes;
        private long nextMillis = RecordHeader.NEVER;
        private long keptMillis = RecordHeader.NEVER;

        /** @param sweptMillis what expires before is not in the index any more */
        FileSweep(StoreFile file, long sweptMillis, long nowMillis) {
            this.file = file;
            this.sweptMillis = sweptMillis;
            this.nowMillis = nowMillis;
        }

        void visit(IndexBlock.Entry entry) throws IOException {
            if (context.cancelled().getAsBoolean()) {
                throw new CancellationException("the sweep of expired blobs was given up");
            }
            entries++;
            if (!entry.expires()) {
                return;
            }
            if (entry.expiryMillis() > nowMillis) {
                nextMillis = Math.min(nextMillis, entry.expiryMillis());
            } else if (entry.expiryMillis() >= sweptMillis && !remove(entry)) {
                nextMillis = Math.min(nextMillis, entry.expiryMillis());
                keptMillis = Math.min(keptMillis, entry.expiryMillis());
            } else {
                expiredBytes += entry.length();
            }
        }

        /**
         * Takes a record out of the index, where that has it.
         *
         * @return false if it has not expired, as the clock was set back meanwhile: it may have been put after that
         */
        private boolean remove(IndexBlock.Entry entry) throws IOException {
            KeyHash hash = new KeyHash(entry.hashHigh(), entry.hashLow());
            ReentrantLock keyLock = context.keyLocks().of(hash);
            keyLock.lock();
            try {
                if (entry.expiryMillis() > clock.millis()) {
                    return false;
                }
                boolean unused =
                        context.index().removeIfEqual(hash, new Location(file.id(), entry.offset(), entry.length()));
                return true;
            } finally {
                keyLock.unlock();
            }
        }
    }
}
