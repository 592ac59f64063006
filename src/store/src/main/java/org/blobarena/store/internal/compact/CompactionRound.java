package org.blobarena.store.internal.compact;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.blobarena.arena.Location;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Lineage;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.FileEntries;
import org.blobarena.store.internal.record.IndexEntries;
import org.blobarena.store.internal.watch.CompactionEvent;
import org.blobarena.store.internal.write.ActiveFile;
import org.blobarena.store.internal.write.RecordCopier;
import org.blobarena.store.internal.write.RunCopier;

/**
 * Replaces some files that nobody appends to, the victims, by files of what is still needed of them.
 *
 * <p><b>Prepare.</b> The index blocks of the victims say which records there are, or, of one that a crash has torn so that
 * it could not be sealed, a scan; a record is copied, with its sequence number, if the index points at it at that moment. Before that, every write in flight has been waited for, so no record of a
 * victim is still on its way into the index. Then the tombstones that are still needed follow. Until now nothing points
 * into the outputs: the round can be given up, and they are deleted.
 *
 * <p>A blob that expires and is in the index no more may have expired, and hides older ones of its key all the same: to what
 * stays it is a tombstone, and becomes one where that is needed.
 *
 * <p>All other files are forced, since they may hold what made a record of a victim dead, and must not lose it. The
 * outputs are sealed, the last with the lineage that names the victims. From that moment on the victims count for nothing
 * after a crash.
 *
 * <p><b>Commit.</b> The index is pointed at the copies, each if it still points at the original.
 * Last, the victims are retired.
 *
 * <p>For one thread; one round at a time.
 */
public final class CompactionRound {

    /** The most files that one round replaces: what one lineage can name. */
    static final int VICTIMS_MAX = Lineage.FILES_MAX;

    private final CompactionContext context;
    private final List<StoreFile> victims;
    private final RunCopier runs;
    private final RecordCopier copier;
    private final Moves moves = new Moves();
    private final boolean exact;
    private final List<ActiveFile> outputs = new ArrayList<>();

    private StoreFile reading;
    private long creationSequence;
    private long bytesCopied;
    private long bytesWritten;

    /**
     * What a round did.
     *
     * @param bytesRead from the victims
     * @param bytesCopied of records
     * @param bytesWritten the length of the outputs
     * @param bytesFreed the length of the victims that were replaced
     * @param filesReplaced their number
     */
    record Result(long bytesRead, long bytesCopied, long bytesWritten, long bytesFreed, int filesReplaced) {

        static final Result NOTHING = new Result(0, 0, 0, 0, 0);

        void tell(CompactionEvent event) {
            event.victims = filesReplaced;
            event.bytesRead = bytesRead;
            event.bytesCopied = bytesCopied;
            event.bytesWritten = bytesWritten;
            event.bytesFreed = bytesFreed;
        }
    }

    /**
     * @param victims files that are {@linkplain VictimChoice#eligible eligible}, at most {@value #VICTIMS_MAX}
     * @param exact whether index blocks of files that stay are read, see {@link TombstoneSieve}
     */
    CompactionRound(CompactionContext context, List<StoreFile> victims, boolean exact) {
        this.context = context;
        this.victims = List.copyOf(victims);
        this.reading = victims.get(0);
        this.runs = new RunCopier(context.rate(), context.store().layout());
        this.copier = RecordCopier.beside(runs, context.rate());
        this.exact = exact;
    }

    /**
     * Copies and seals: all of it, or nothing.
     *
     * @throws CancellationException if it was given up
     * @throws CorruptBlobException if a victim is damaged, which is then marked so
     * @throws IOException if the outputs cannot be written; they are gone then
     */
    void prepare() throws IOException {
        creationSequence = context.writer().files().counters().nextSequence();
        context.keyLocks().awaitHolders(); // In this order: see TombstoneSieve.
        TombstoneSieve sieve = sieve();
        try {
            for (StoreFile victim : victims) {
                copy(victim, sieve);
            }
            copyNeededTombstones(sieve);
            addOutputIfNeeded(sieve);
            seal();
        } catch (CorruptBlobException e) {
            // It stays with all that it has, so it may need the tombstones of the others.
            reading.markDamaged();
            giveUp(e);
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            giveUp(e);
            throw e;
        }
    }

    private TombstoneSieve sieve() {
        List<StoreFile> others = new ArrayList<>(context.store().files().all());
        others.removeAll(Set.copyOf(victims));
        others.addAll(context.retirement().undeleted());
        TombstoneSieve.Listing listing = exact ? TombstoneSieve.Listing.OF_SEALED : TombstoneSieve.Listing.OF_NONE;
        return new TombstoneSieve(context.index(), others, listing, context.cancelled());
    }

    private void copy(StoreFile victim, TombstoneSieve sieve) throws IOException {
        reading = victim;
        long found = 0;
        FileEntries entries = victim.isSealed()
                ? new IndexEntries(victim)
                : new ScannedEntries(victim, context.store().hasher());
        for (IndexBlock.Entry entry = entries.next(); entry != null; entry = entries.next()) {
            requireWanted();
            Location present = entry.type() == RecordType.TOMBSTONE
                    ? null
                    : context.index().getToChange(hash(entry));
            if (location(victim, entry).equals(present)) {
                take(victim, entry);
                found += entry.length();
            } else if (entry.type() == RecordType.TOMBSTONE || (entry.expires() && present == null)) {
                sieve.add(victim, entry);
            }
            if (sieve.isFull()) {
                copyRun(victim);
                copyNeededTombstones(sieve);
                reading = victim;
            }
        }
        copyRun(victim);
        if (!victim.isSealed()) {
            requireAllFound(victim, found);
        }
    }

    /**
     * A scan passes over what it takes for torn, and nothing lists what should be there: so all that the index points at
     * has to have been copied, but for what was replaced or removed meanwhile.
     */
    private void requireAllFound(StoreFile victim, long found) throws CorruptBlobException {
        context.keyLocks().awaitHolders(); // Who has changed the index counts before letting go of the key's lock.
        long live = victim.liveBytes();
        if (found < live) {
            throw victim.corrupt(
                    ArenaHeader.BYTES, "records that are needed: expected " + live + " bytes, found " + found);
        }
    }

    private void copyNeededTombstones(TombstoneSieve sieve) throws IOException {
        StoreFile before = null;
        for (TombstoneSieve.Tombstone tombstone : sieve.takeNeeded()) {
            requireWanted();
            StoreFile file = tombstone.file();
            if (before != null && before != file) {
                copyRun(before);
            }
            before = file;
            if (tombstone.entry().type() == RecordType.TOMBSTONE) {
                take(file, tombstone.entry());
            } else {
                copyRun(file);
                bury(file, tombstone.entry());
            }
        }
        if (before != null) {
            copyRun(before);
        }
    }

    /** Adds a record to the run that is copied next, behind which there is nothing of another file. */
    private void take(StoreFile victim, IndexBlock.Entry entry) throws IOException {
        if (!runs.fits(entry)) {
            copyRun(victim);
        }
        if (runs.fits(entry)) {
            runs.add(entry);
        } else {
            copy(victim, entry);
        }
    }

    /** Copies what was taken of a victim. */
    private void copyRun(StoreFile victim) throws IOException {
        reading = victim;
        while (!runs.isEmpty()) {
            requireWanted();
            IndexBlock.Entry first = runs.first();
            ActiveFile output = outputFor(first.length(), first.expires());
            bytesCopied += runs.copy(
                    victim, output, lineageBytes(), (original, copy) -> noteMove(victim, original, output, copy));
            context.store().reserve().spareInUse(bytesCopied);
        }
    }

    private void noteMove(StoreFile victim, IndexBlock.Entry original, ActiveFile output, IndexBlock.Entry copy) {
        if (original.type() == RecordType.VALUE) {
            moves.add(hash(original), location(victim, original), location(output.file(), copy));
        }
    }

    private long lineageBytes() {
        return RecordHeader.BYTES
                + (long) Lineage.payloadBytes(victims.size())
                + context.store().layout().overheadBytes();
    }

    /** Of a blob that has expired a tombstone stays. */
    private void bury(StoreFile victim, IndexBlock.Entry entry) throws IOException {
        reading = victim;
        bytesCopied += copier.bury(victim, entry, outputFor(entry.length(), false));
        context.store().reserve().spareInUse(bytesCopied);
    }

    private void copy(StoreFile victim, IndexBlock.Entry entry) throws IOException {
        reading = victim;
        ActiveFile output = outputFor(entry.length(), entry.expires());
        copier.copy(victim, entry, output);
        noteMove(victim, entry, output, entry.at(output.writer().length() - entry.length()));
        bytesCopied += entry.length();
        context.store().reserve().spareInUse(bytesCopied);
    }

    private ActiveFile outputFor(long recordBytes, boolean expires) throws IOException {
        ActiveFile last = outputs.isEmpty() ? null : outputs.get(outputs.size() - 1);
        // A record of a file that was begun under a larger limit may fit none: it gets one of its own.
        if (last == null
                || (last.file().content().recordBytes() > 0
                        && !last.hasRoomFor(recordBytes + lineageBytes(), expires))) {
            return addOutput();
        }
        return last;
    }

    /** The one before is full: sealed, it holds neither descriptor nor buffers, however many there will be. */
    private ActiveFile addOutput() throws IOException {
        if (!outputs.isEmpty()) {
            context.writer().sealer().seal(outputs.get(outputs.size() - 1));
        }
        ActiveFile begun = context.writer().files().beginOutput(creationSequence);
        outputs.add(begun);
        return begun;
    }

    /**
     * Where nothing was copied there need be no output, but for two: tombstones that were dropped may not be missed while
     * one of the victims is still there, and the greatest id must not be used again.
     */
    private void addOutputIfNeeded(TombstoneSieve sieve) throws IOException {
        StoreFile last = context.store().files().last();
        if (outputs.isEmpty() && (sieve.hasDropped() || victims.contains(last))) {
            addOutput();
        }
    }

    /** From the end of this on the victims count for nothing after a crash. */
    private void seal() throws IOException {
        context.writer().files().makeDurable(Durability.FORCED);
        if (!outputs.isEmpty()) {
            ActiveFile last = outputs.get(outputs.size() - 1);
            last.writeLineage(new Lineage(victims.stream().map(StoreFile::id).toList()));
            context.writer().sealer().seal(last);
            last.file().replaces(victims);
        }
        for (ActiveFile output : outputs) {
            bytesWritten += output.file().arena().length();
            output.file().endOutput();
        }
        context.store().reserve().spareInUse(0);
    }

    /**
     * Puts the outputs in the place of the victims, after {@link #prepare}. To be repeated until it succeeds: the outputs
     * are sealed, and nothing else may be done to the victims.
     *
     * @throws IOException if the index could not be changed in full
     */
    Result commit() throws IOException {
        context.committing().lock();
        try {
            pointAtCopies();
            long freed =
                    victims.stream().mapToLong(file -> file.arena().length()).sum();
            context.retirement().retire(victims);
            return new Result(runs.bytesRead() + copier.bytesRead(), bytesCopied, bytesWritten, freed, victims.size());
        } finally {
            context.committing().unlock();
        }
    }

    /**
     * A key that points into a victim has done so all the time, since victims take no records: its copy is of that one. What
     * was copied is remembered as far as that takes little memory, and else listed in the outputs.
     */
    private void pointAtCopies() throws IOException {
        Map<Long, StoreFile> originals = victims.stream().collect(Collectors.toMap(StoreFile::id, Function.identity()));
        if (moves.isComplete()) {
            Map<Long, StoreFile> copies = outputs.stream()
                    .map(ActiveFile::file)
                    .collect(Collectors.toMap(StoreFile::id, Function.identity()));
            moves.forEach((hash, from, to) -> {
                StoreFile original = originals.get(from.fileIndex());
                StoreFile copy = copies.get(to.fileIndex());
                boolean isPresent = from.equals(context.index().getToChange(hash));
                if (isPresent && original != null && copy != null) {
                    move(hash, from, to, original, copy);
                }
            });
            return;
        }
        for (ActiveFile output : outputs) {
            IndexEntries entries = new IndexEntries(output.file());
            for (IndexBlock.Entry entry = entries.next(); entry != null; entry = entries.next()) {
                if (entry.type() == RecordType.VALUE) {
                    Location present = context.index().getToChange(hash(entry));
                    StoreFile original = present == null ? null : originals.get(present.fileIndex());
                    if (present != null && original != null) {
                        move(hash(entry), present, location(output.file(), entry), original, output.file());
                    }
                }
            }
        }
    }

    private void move(KeyHash hash, Location from, Location to, StoreFile original, StoreFile output)
            throws IOException {
        if (context.index().replaceIfEqual(hash, from, to)) {
            output.addLive(to.length());
            original.addLive(-from.length());
        }
    }

    /**
     * Deletes the outputs, the last first: its lineage may be on the device, sealed, although that has failed, and as long
     * as it is the others must stay, since the victims do not count then.
     */
    private void giveUp(Throwable cause) {
        context.store().reserve().spareInUse(0);
        StoreFile last = null;
        for (int i = outputs.size() - 1; i >= 0; i--) {
            StoreFile output = outputs.get(i).file();
            Throwable unused = Failures.after(cause, outputs.get(i).writer());
            if (last == null) {
                last = output;
            } else {
                output.replaces(List.of(last));
            }
            context.retirement().retire(List.of(output));
        }
    }

    private void requireWanted() {
        if (context.cancelled().getAsBoolean()) {
            throw new CancellationException("the compaction was given up");
        }
    }

    private static KeyHash hash(IndexBlock.Entry entry) {
        return new KeyHash(entry.hashHigh(), entry.hashLow());
    }

    private static Location location(StoreFile file, IndexBlock.Entry entry) {
        return new Location(file.id(), entry.offset(), entry.length());
    }
}
