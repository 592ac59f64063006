package org.blobarena.store.internal.record;

import java.io.IOException;
import java.util.Deque;
import org.blobarena.arena.Location;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.UnreadableException;
import org.jspecify.annotations.Nullable;

/** The entries of a sealed file's index blocks, one after the other in the order of the file. For one thread. */
public final class IndexEntries implements FileEntries {

    private final StoreFile file;
    private final Location lastBlock;
    private final Deque<Location> blocks;
    private @Nullable IndexBlock block;
    private int next;

    /**
     * @throws CorruptBlobException if an index block is damaged
     * @throws UnreadableException if one cannot be read
     */
    public IndexEntries(StoreFile file) throws IOException {
        this(file, file.content().lastIndexBlock());
    }

    /**
     * Those of a file that may go on growing.
     *
     * @param lastBlock the last index block to be read, of length 0 if there is none
     * @throws CorruptBlobException if an index block is damaged
     * @throws UnreadableException if one cannot be read
     */
    public IndexEntries(StoreFile file, Location lastBlock) throws IOException {
        this.file = file;
        this.lastBlock = lastBlock;
        try {
            this.blocks = SealedFileReader.indexBlocks(file, lastBlock);
        } catch (IOException | FormatException e) {
            throw failed(e);
        }
    }

    /**
     * The next entry, or null after the last.
     *
     * @throws CorruptBlobException if an index block is damaged
     * @throws UnreadableException if one cannot be read
     */
    @Override
    public IndexBlock.@Nullable Entry next() throws IOException {
        IndexBlock present = block;
        while (present == null || next == present.count()) {
            Location location = blocks.poll();
            if (location == null) {
                return null;
            }
            try {
                present = SealedFileReader.read(file, location);
            } catch (IOException | FormatException e) {
                throw failed(e);
            }
            block = present;
            next = 0;
        }
        return present.entry(next++);
    }

    private IOException failed(Exception e) {
        if (e instanceof IOException failure && !StoreFile.isLoss(failure)) {
            return new UnreadableException(file, failure);
        }
        return file.corrupt(lastBlock.offset(), "index blocks: " + e.getMessage());
    }
}
