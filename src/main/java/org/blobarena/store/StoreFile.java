package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.arena.ArenaFile;
import org.blobarena.format.FileNames;
import org.blobarena.format.RecordHeader;

/**
 * One arena file of a store: the bytes, how many of them are live, and whether it is sealed.
 *
 * <p>The live bytes counted here are those of values that the index points at; tombstones are live besides.
 */
final class StoreFile implements RecordReader.Source {

    private final ArenaFile arena;
    private final int salt;
    private final AtomicLong liveBytes = new AtomicLong();
    private final FileContent content;
    private volatile boolean sealed;

    StoreFile(ArenaFile arena, int salt, FileContent content, boolean sealed) {
        this.arena = arena;
        this.salt = salt;
        this.content = content;
        this.sealed = sealed;
    }

    /** The same file, read through another object, because a writer appends to it. */
    StoreFile readThrough(ArenaFile other) {
        StoreFile copy = new StoreFile(other, salt, content, sealed);
        copy.addLive(liveBytes());
        return copy;
    }

    long id() {
        return arena.index();
    }

    String name() {
        return FileNames.arena(arena.index());
    }

    @Override
    public void read(ByteBuffer target, long offset) throws IOException {
        arena.read(target, offset);
    }

    ArenaFile arena() {
        return arena;
    }

    /** Guarded by the lock of the store's {@link RecordWriter} while the file is not sealed. */
    FileContent content() {
        return content;
    }

    int salt() {
        return salt;
    }

    RecordHeader.Place place(long offset) {
        return new RecordHeader.Place(arena.index(), offset, salt);
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

    CorruptBlobException corrupt(long offset, String problem) {
        return new CorruptBlobException(arena.toString(), offset, problem);
    }

    @Override
    public String toString() {
        return arena.toString();
    }
}
