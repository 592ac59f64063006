package org.blobarena.index.table;

import static org.blobarena.index.table.TableLayout.BLOCK_BYTES;
import static org.blobarena.index.table.TableLayout.HEADER_BYTES;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.NoSpaceException;

/**
 * The file of a table: a header and blocks, all of them mapped into memory, and those that nobody uses.
 *
 * <p>A write to a mapped page that has no space on the disk kills the JVM when the disk is full. So zeros are written to the end
 * of the file before that is mapped, and a full disk is an exception there. This holds for file systems that overwrite in
 * place; those that copy on write promise it for no file.
 *
 * <p>What is mapped stays so until the last {@link Slots.Block} of it is garbage, and so no reader meets memory that is
 * gone. It is mapped again from the beginning of its region when the region grows: one page of the file is one page in
 * memory, in however many places.
 *
 * <p>Threads: blocks are taken and given back by any; the rest is for the thread that opens or closes.
 */
final class TableFile implements Closeable {

    /** What is mapped at once at most: the system allows some ten thousand such. */
    private static final int REGION_BLOCKS = 256;

    /** A file grows by a quarter of what it has, within these. */
    private static final int STEP_BLOCKS_MIN = TableLayout.SEGMENT_BLOCKS_MIN;

    private static final int STEP_BLOCKS_MAX = 64;
    private static final int STEP_SHARE = 4;

    private final Directory directory;
    private volatile TableFileName name;
    private final FileHandle handle;
    private final ReentrantLock lock = new ReentrantLock();

    // All below is guarded by the lock.
    private final List<MappedByteBuffer> regions = new ArrayList<>();
    private int blocks;
    private final ByteBuffer zeros = ByteBuffer.allocateDirect(BLOCK_BYTES);
    private int[] free = new int[0];
    private int freeCount;
    private volatile long fileBytes;

    private TableFile(Directory directory, TableFileName name, FileHandle handle) {
        this.directory = directory;
        this.name = name;
        this.handle = handle;
    }

    /**
     * Makes a file that nothing is in, in place of all that are there.
     *
     * @param count how many blocks can be taken at once from it, or a few more
     * @throws IOException if it cannot be made; there is none then
     */
    static TableFile create(Directory directory, TableFileName name, int count) throws IOException {
        TableFileName former = ClosedFiles.deleteButOne(directory, TableLayout.fileOffset(count));
        if (former != null) {
            directory.rename(former.text(), name.text());
        }
        FileHandle handle = former == null ? directory.create(name.text()) : directory.openWrite(name.text());
        TableFile file = new TableFile(directory, name, handle);
        boolean complete = false;
        try {
            file.handle.write(ByteBuffer.allocate(HEADER_BYTES), 0);
            file.fileBytes = HEADER_BYTES;
            file.reserve(Math.max(count, TableLayout.wholeBlocks(handle.size())));
            complete = true;
            return file;
        } finally {
            if (!complete) {
                file.delete();
            }
        }
    }

    /**
     * Opens a file; {@link #adopt} comes next.
     *
     * @throws IOException if it cannot be opened
     */
    static TableFile open(Directory directory, TableFileName name) throws IOException {
        return new TableFile(directory, name, directory.openWrite(name.text()));
    }

    /**
     * Maps the blocks of a file that was open before. What stands behind them is overwritten when the file grows: to cut it off
     * would be to wait for the journal of the file system.
     *
     * @param count how many there are
     * @param used those that segments have
     */
    void adopt(int count, BitSet used) throws IOException {
        fileBytes = TableLayout.fileOffset(count);
        while (blocks < count) {
            map(Math.min(count, (blocks / REGION_BLOCKS + 1) * REGION_BLOCKS));
        }
        for (int block = used.nextClearBit(0); block < count; block = used.nextClearBit(block + 1)) {
            free[freeCount++] = block;
        }
    }

    /**
     * Takes blocks that are free in every slot.
     *
     * @throws NoSpaceException if there are too few and the disk is full
     * @throws IOException if there are too few and the file cannot be made longer
     */
    Slots.Block[] take(int count) throws IOException {
        Slots.Block[] taken = new Slots.Block[count];
        lock.lock();
        try {
            while (freeCount < count) {
                lengthen(step(blocks));
            }
            for (int i = 0; i < count; i++) {
                taken[i] = block(free[freeCount - 1 - i]);
            }
            freeCount -= count;
        } finally {
            lock.unlock();
        }
        for (Slots.Block block : taken) {
            block.clear();
        }
        return taken;
    }

    private static int step(int present) {
        return Math.max(STEP_BLOCKS_MIN, Math.min(STEP_BLOCKS_MAX, present / STEP_SHARE));
    }

    /** Returns by how much at most the file gets longer when so many blocks are taken. */
    long bytesToTake(int count) {
        lock.lock();
        try {
            int missing = count - freeCount;
            return missing <= 0 ? 0 : (long) (missing + step(blocks + missing)) * BLOCK_BYTES;
        } finally {
            lock.unlock();
        }
    }

    private void reserve(int count) throws IOException {
        requireSpace(count);
        lock.lock();
        try {
            while (freeCount < count) {
                lengthen(Math.min(count - freeCount, STEP_BLOCKS_MAX));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives blocks back that nobody relies on any more; needs no memory. */
    void give(Slots.Block[] unused) {
        lock.lock();
        try {
            for (Slots.Block block : unused) {
                free[freeCount++] = block.number();
            }
        } finally {
            lock.unlock();
        }
    }

    Slots.Block block(int number) {
        return new Slots.Block(number, regions.get(number / REGION_BLOCKS), number % REGION_BLOCKS * BLOCK_BYTES);
    }

    int blocks() {
        return blocks;
    }

    long fileBytes() {
        return fileBytes;
    }

    TableFileName name() {
        return name;
    }

    FileHandle handle() {
        return handle;
    }

    /** Gives the file another name; {@link #force} makes it durable. */
    void rename(TableFileName other) throws IOException {
        directory.rename(name.text(), other.text());
        name = other;
    }

    /** Puts the blocks and whatever else was written on the device, and the name too. */
    void force() throws IOException {
        for (MappedByteBuffer region : regions) {
            region.force();
        }
        handle.force();
        directory.force();
    }

    @Override
    public void close() throws IOException {
        ClosedFiles.add(this);
        handle.close();
    }

    boolean isAt(Path directoryPath, TableFileName otherName) {
        return name.number() == otherName.number() && directory.path().equals(directoryPath);
    }

    /** Closes the file and removes it. */
    void delete() throws IOException {
        try {
            close();
        } finally {
            directory.delete(name.text());
        }
    }

    @Override
    public String toString() {
        return handle.toString();
    }

    /** @param wanted how many blocks more; there are fewer when they would be of two regions */
    private void lengthen(int wanted) throws IOException {
        int step = Math.min(wanted, REGION_BLOCKS - blocks % REGION_BLOCKS);
        int first = blocks;
        // Or an attempt in vain would take for a while the last space of those who write.
        requireSpace(first + step);
        long lengthBefore = handle.size();
        boolean complete = false;
        try {
            for (int block = first; block < first + step; block++) {
                handle.write(zeros.clear(), TableLayout.fileOffset(block));
            }
            map(first + step);
            complete = true;
        } finally {
            if (!complete) {
                handle.truncate(lengthBefore);
            }
        }
        fileBytes = TableLayout.fileOffset(blocks);
        for (int block = first; block < blocks; block++) {
            free[freeCount++] = block;
        }
    }

    /** What is overwritten needs none. */
    private void requireSpace(int end) throws IOException {
        long added = TableLayout.fileOffset(end) - handle.size();
        NoSpaceException.requireUsable(directory, name.text(), Math.max(0, added));
    }

    /** Maps the blocks up to one, all of the same region. */
    private void map(int end) throws IOException {
        int region = (end - 1) / REGION_BLOCKS;
        int first = region * REGION_BLOCKS;
        if (free.length < end) {
            free = Arrays.copyOf(free, Math.max(end, free.length + free.length / 2));
        }
        MappedByteBuffer mapped = handle.map(TableLayout.fileOffset(first), (end - first) * BLOCK_BYTES);
        mapped.order(ByteOrder.LITTLE_ENDIAN);
        if (region == regions.size()) {
            regions.add(mapped);
        } else {
            regions.set(region, mapped);
        }
        blocks = end;
    }
}
