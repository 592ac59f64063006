package org.blobarena.store.internal.core;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.format.FileNames;
import org.blobarena.format.Layout;
import org.blobarena.format.RecordHeader;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.cache.IdleTime;
import org.blobarena.store.internal.core.cache.UseBits;
import org.blobarena.store.internal.core.cache.UseTimes;
import org.blobarena.store.internal.core.crypt.FileCipher;
import org.blobarena.store.internal.write.UnsealedFiles;
import org.jspecify.annotations.Nullable;

/**
 * One arena file of a store: the bytes, how many of them are live, and whether it is sealed.
 *
 * <p>The live bytes counted here are those of values that the index points at; tombstones are live besides.
 *
 * <p>The store has a claim on every file of its table, and a reader that takes long has one of its own, a pin. A file
 * that compaction has retired is deleted when the last claim is given up. Short reads have none: one that comes too
 * late finds the file closed and retired, and looks its key up again.
 */
public final class StoreFile implements ByteSource {

    private final ReadableFile arena;
    private final long id;
    private final Origin origin;
    private final AtomicLong liveBytes = new AtomicLong();
    private final FileContent content;
    private final UnfinishedTail unfinished;
    private volatile long expiredBytes;
    private final AtomicInteger claims = new AtomicInteger(1);
    private volatile boolean sealed;
    private volatile boolean left;
    private volatile boolean output;
    private volatile boolean damaged;
    private volatile boolean avoided;
    private volatile boolean retired;
    private volatile boolean deleted;
    private volatile List<StoreFile> replaced = List.of();
    private volatile @Nullable Runnable whenUnclaimed;
    private volatile boolean leaving;
    private volatile boolean nameless;
    private volatile @Nullable UseBits used;
    private volatile @Nullable UseTimes times;

    /** Null as long as nobody wants to know. */
    private volatile @Nullable FileChanges changes;

    private final AtomicBoolean changed = new AtomicBoolean();

    /** The next in the list of {@link #changes}, which guards it. */
    private @Nullable StoreFile nextChanged;

    /**
     * What its first bytes say.
     *
     * @param creationSequence the next sequence number when it was begun, 0 if that is not known
     * @param kept whether an eviction has written its records again
     * @param cipher of a file of an encrypted store, else null
     */
    public record Origin(
            int salt,
            long creationSequence,
            boolean kept,
            @Nullable FileCipher cipher) {

        public Origin(int salt, long creationSequence) {
            this(salt, creationSequence, false, null);
        }
    }

    public StoreFile(ReadableFile arena, Origin origin, FileContent content, boolean sealed) {
        this(arena, origin, content, sealed, new UnfinishedTail());
    }

    private StoreFile(
            ReadableFile arena, Origin origin, FileContent content, boolean sealed, UnfinishedTail unfinished) {
        this.arena = arena;
        this.id = arena.index();
        this.origin = origin;
        this.content = content;
        this.sealed = sealed;
        this.unfinished = unfinished;
    }

    /** The same file, to count its records anew. */
    public StoreFile withContent(FileContent other, boolean otherSealed) {
        return new StoreFile(arena, origin, other, otherSealed, unfinished);
    }

    /**
     * The same file, read through another object, because a writer appends to it.
     *
     * @param newOrigin what its first bytes say now
     */
    public StoreFile readThrough(ReadableFile other, Origin newOrigin) {
        StoreFile copy = new StoreFile(other, newOrigin, content, sealed);
        copy.addLive(liveBytes());
        copy.times = times;
        return copy;
    }

    public long id() {
        return id;
    }

    public String name() {
        return FileNames.arena(id);
    }

    @Override
    public void read(ByteBuffer target, long offset) throws IOException {
        arena.read(target, offset);
    }

    public ReadableFile arena() {
        return arena;
    }

    /** Guarded by the lock of the store's {@link UnsealedFiles} while the file is not sealed. */
    public FileContent content() {
        return content;
    }

    /** The record at the end of the file that is being written in several steps. */
    public UnfinishedTail unfinished() {
        return unfinished;
    }

    /** Where the last record ends that is not being written. */
    public long recordsEnd() {
        return unfinished.recordsEnd(arena);
    }

    public Origin origin() {
        return origin;
    }

    public int salt() {
        return origin.salt;
    }

    /** What encrypts and decrypts its records, null if they are not encrypted. */
    public @Nullable FileCipher cipher() {
        return origin.cipher;
    }

    /** How its records stand. */
    public Layout layout() {
        return origin.cipher == null ? Layout.PLAIN : Layout.ENCRYPTED;
    }

    public RecordHeader.Place place(long offset) {
        return new RecordHeader.Place(id, offset, origin.salt);
    }

    public long liveBytes() {
        return liveBytes.get();
    }

    public void addLive(long bytes) {
        liveBytes.addAndGet(bytes);
        changed();
    }

    /** The bytes of records whose blob had expired when that was last looked at, replaced ones too. */
    public long expiredBytes() {
        return expiredBytes;
    }

    public void setExpiredBytes(long bytes) {
        expiredBytes = bytes;
    }

    /** Whether compaction is still writing it: nothing points into it, and it may yet be given up. */
    public boolean isOutput() {
        return output;
    }

    /** Says that compaction will write it, and seal it. */
    public void markOutput() {
        output = true;
        changed();
    }

    public boolean isSealed() {
        return sealed;
    }

    /** All that compaction writes beside it is sealed as well: it will not be given up any more. */
    public void endOutput() {
        output = false;
        changed();
    }

    public void markSealed() {
        sealed = true;
        changed();
    }

    /** Whether nobody appends to it: it is sealed, or left. */
    public boolean isComplete() {
        return sealed || left;
    }

    /** Says that it was torn in the middle by a crash, so that it is neither written nor sealed any more. */
    public void markLeft() {
        left = true;
        changed();
    }

    /** Whether a failure to read says that there are no such bytes. All others may be over the next time. */
    public static boolean isLoss(IOException failure) {
        return failure instanceof CorruptBlobException
                || failure instanceof EOFException
                || failure instanceof NoSuchFileException;
    }

    /** Whether it could not be read lately, so that nothing is tried with it for now. */
    public boolean isAvoided() {
        return avoided;
    }

    public void setAvoided(boolean whether) {
        avoided = whether;
        changed();
    }

    /** Whether it has records that cannot be copied, so that it has to stay. */
    public boolean isDamaged() {
        return damaged;
    }

    public void markDamaged() {
        damaged = true;
        changed();
    }

    /**
     * The bytes of the file that its needed records account for, index blocks included. The rest would come back by
     * compaction.
     */
    public long neededBytes() {
        long records = content.recordBytes();
        long needed = Math.min(records, Math.max(0, liveBytes.get()) + content.tombstoneBytes());
        return records == 0 ? 0 : (long) Math.ceil((double) arena.length() * needed / records);
    }

    /** Whether it may hold a value that is older than a sequence number and was not dead before it. */
    public boolean mayHoldValueBefore(long sequence) {
        return origin.creationSequence <= sequence && content.sequenceMin() < sequence;
    }

    /** Whether its records ascend by sequence number. Not so in one that compaction wrote, or may have. */
    public boolean isInOrderOfSequence() {
        return origin.creationSequence > 0 && content.sequenceMin() >= origin.creationSequence;
    }

    /**
     * The bytes that compaction would give back. What a file that takes records holds besides them is still on its way,
     * so only records count there.
     */
    public long deadBytes() {
        if (sealed && content.recordBytes() == 0) {
            return 0; // All that it has is its end, and that of another such file would be no shorter.
        }
        return isComplete()
                ? Math.max(0, arena.length() - neededBytes())
                : Math.max(0, content.recordBytes() - liveBytes.get() - content.tombstoneBytes());
    }

    /** Whether it can take puts: then its records go on ascending. */
    public boolean mayGoOn() {
        return content.recordBytes() == 0 || isInOrderOfSequence();
    }

    /** Whether a value in it may have died since the file was begun. */
    public boolean mayHoldDeadValues() {
        return damaged || liveBytes.get() + content.tombstoneBytes() < content.recordBytes();
    }

    /**
     * Begins to note which records are read; what was read before is not known.
     *
     * @param bytesMax the greatest length of the file
     * @param firstUses counts the bytes of the records that are read for the first time
     */
    public void noteUses(long bytesMax, LongAdder firstUses) {
        if (used == null) {
            long bytes = isComplete() ? arena.length() : Math.max(bytesMax, arena.length());
            used = new UseBits(bytes, firstUses);
        }
    }

    /** Notes that a record was read, if reads are noted here. */
    public void use(long offset, long recordBytes) {
        UseBits bits = used;
        if (bits != null) {
            bits.set(offset, recordBytes);
        }
    }

    /** How often {@link #use} was called for the record at an offset, or for one in the same cell: 3 says that or more. */
    public int uses(long offset) {
        UseBits bits = used;
        return bits == null ? 0 : bits.get(offset);
    }

    /**
     * Begins to note when records are used; what was used before is not known.
     *
     * @param bytesMax where the last record may begin
     */
    public void noteTimes(long bytesMax) {
        if (times == null) {
            times = new UseTimes(Math.max(bytesMax, arena.length()));
        }
    }

    /** Notes the use of a record at a moment; false if it is idle. */
    public boolean useUnlessIdle(IdleTime idle, long offset, long nowMillis) {
        UseTimes noted = times;
        return noted == null || noted.use(idle, offset, nowMillis);
    }

    /** Whether a record is idle at a moment. */
    public boolean isIdle(IdleTime idle, long offset, long nowMillis) {
        UseTimes noted = times;
        return noted != null && noted.isIdle(idle, offset, nowMillis);
    }

    /** Notes that a record was written, before anybody can find it. */
    public void write(IdleTime idle, long offset) {
        UseTimes noted = times;
        if (noted != null) {
            noted.write(idle, offset, idle.now());
        }
    }

    /** Notes that a record was written again, which was last used when the old one was, if that is noted. */
    public void writeAgain(long offset, StoreFile old, long oldOffset) {
        UseTimes noted = times;
        UseTimes oldTimes = old.times;
        if (noted != null && oldTimes != null) {
            noted.writeAgain(offset, oldTimes, oldOffset);
        }
    }

    /** Whether an eviction writes its records again elsewhere, so that a use may have to be noted there. */
    public boolean isLeaving() {
        return leaving;
    }

    public void markLeaving() {
        leaving = true;
    }

    /** Whether the directory has it no more, though it may still be read. */
    public boolean isNameless() {
        return nameless;
    }

    public void markNameless() {
        nameless = true;
    }

    /** Keeps the file from being deleted until {@link #unpin}; false when it is too late for that. */
    public boolean pin() {
        int present = claims.get();
        while (present > 0) {
            if (claims.compareAndSet(present, present + 1)) {
                return true;
            }
            present = claims.get();
        }
        return false;
    }

    public void unpin() {
        if (claims.decrementAndGet() == 0) {
            Objects.requireNonNull(whenUnclaimed).run();
        }
    }

    /** Gives up the store's own claim. No location of the index points into the file any more. */
    public void retire(Runnable action) {
        whenUnclaimed = action;
        retired = true;
        unpin();
    }

    public boolean isRetired() {
        return retired;
    }

    /** The file is gone from the device, its name too, for good. */
    public void markDeleted() {
        deleted = true;
    }

    /** Notes the files that this one names in its lineage. */
    public void replaces(List<StoreFile> files) {
        replaced = List.copyOf(files);
        changed();
    }

    /**
     * Whether it may go itself. Not as long as one that it replaces is still there: after a crash that one would come
     * back, and nothing would tell that it has been replaced.
     */
    public boolean isSettled() {
        for (StoreFile file : replaced) {
            if (!file.deleted) {
                return false;
            }
        }
        replaced = List.of(); // Or each would keep all before it in memory.
        return true;
    }

    // ---- who adds up what files hold

    /** Tells of every change of what the file holds and what it is from now on, but for those of one that takes records. */
    void watch(FileChanges watching) {
        changes = watching;
        changed();
    }

    /** To be called when what it holds is not what it was, or what it is. */
    public void changed() {
        FileChanges watching = changes;
        if (watching != null && !changed.get() && changed.compareAndSet(false, true)) {
            watching.add(this);
        }
    }

    /** What changes from here on puts it in the list again. */
    void awaitChange() {
        changed.set(false);
    }

    @Nullable StoreFile nextChanged() {
        return nextChanged;
    }

    void setNextChanged(@Nullable StoreFile file) {
        nextChanged = file;
    }

    public CorruptBlobException corrupt(long offset, String problem) {
        return new CorruptBlobException(path(), offset, problem);
    }

    public String path() {
        return arena.path();
    }

    @Override
    public String toString() {
        return path();
    }
}
