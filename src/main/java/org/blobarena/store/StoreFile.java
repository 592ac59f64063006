package org.blobarena.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.arena.ArenaFile;
import org.blobarena.format.FileNames;
import org.blobarena.format.RecordHeader;

/**
 * One arena file of a store: the bytes, how many of them are live, and whether it is sealed.
 *
 * <p>The live bytes counted here are those of values that the index points at; tombstones are live besides.
 */
final class StoreFile {

    private final ArenaFile arena;
    private final Origin origin;
    private final AtomicLong liveBytes = new AtomicLong();
    private final FileContent content;
    private final UnfinishedRecord unfinished;
    private final AtomicInteger pins = new AtomicInteger();
    private volatile boolean sealed;

    /**
     * What its first bytes say.
     *
     * @param birth the next sequence number when it was begun, 0 if that is not known
     */
    record Origin(int salt, long birth) {}

    StoreFile(ArenaFile arena, Origin origin, FileContent content, boolean sealed) {
        this(arena, origin, content, sealed, new UnfinishedRecord());
    }

    private StoreFile(
            ArenaFile arena, Origin origin, FileContent content, boolean sealed, UnfinishedRecord unfinished) {
        this.arena = arena;
        this.origin = origin;
        this.content = content;
        this.sealed = sealed;
        this.unfinished = unfinished;
    }

    /** The same file, to count its records anew. */
    StoreFile withContent(FileContent other, boolean otherSealed) {
        return new StoreFile(arena, origin, other, otherSealed, unfinished);
    }

    /** The same file, read through another object, because a writer appends to it. */
    StoreFile readThrough(ArenaFile other) {
        StoreFile copy = new StoreFile(other, origin, content, sealed);
        copy.addLive(liveBytes());
        return copy;
    }

    long id() {
        return arena.index();
    }

    String name() {
        return FileNames.arena(arena.index());
    }

    ArenaFile arena() {
        return arena;
    }

    /** Guarded by the lock of the store's {@link RecordWriter} while the file is not sealed. */
    FileContent content() {
        return content;
    }

    /** The record that a stream is writing at the end of the file. */
    UnfinishedRecord unfinished() {
        return unfinished;
    }

    /** Where the last record ends that is not being written. */
    long recordsEnd() {
        return unfinished.recordsEnd(arena);
    }

    Origin origin() {
        return origin;
    }

    int salt() {
        return origin.salt;
    }

    RecordHeader.Place place(long offset) {
        return new RecordHeader.Place(arena.index(), offset, origin.salt);
    }

    long liveBytes() {
        return liveBytes.get();
    }

    void addLive(long bytes) {
        liveBytes.addAndGet(bytes);
    }

    boolean isSealed() {
        return sealed;
    }

    void markSealed() {
        sealed = true;
    }

    /**
     * Fills a buffer with what a record has there.
     *
     * @param record offset of the record, for messages
     * @throws CorruptBlobException if the file does not reach so far
     */
    void read(ByteBuffer target, long position, long record) throws IOException {
        try {
            arena.read(target, position);
        } catch (IndexOutOfBoundsException | EOFException e) {
            throw corrupt(record, String.valueOf(e.getMessage()));
        } catch (NoSuchFileException e) {
            throw corrupt(record, "the file is missing");
        }
    }

    /**
     * Keeps the file from being deleted until {@link #unpin}.
     *
     * @return false when it is too late; the record has another place then
     */
    boolean pin() {
        return pins.getAndUpdate(count -> count < 0 ? count : count + 1) >= 0;
    }

    void unpin() {
        pins.decrementAndGet();
    }

    /** Whether somebody reads from it over a longer time. */
    boolean isPinned() {
        return pins.get() > 0;
    }

    CorruptBlobException corrupt(long offset, String problem) {
        return new CorruptBlobException(arena.toString(), offset, problem);
    }

    @Override
    public String toString() {
        return arena.toString();
    }
}
