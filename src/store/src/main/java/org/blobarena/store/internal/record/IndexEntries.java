package org.blobarena.store.internal.record;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.blobarena.arena.Location;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.UnreadableException;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a sealed file's index blocks, one after the other in the order of the file. For one thread.
 *
 * <p>Each block names the one before, so all are read from the last on to find the first. Those that were read last are the
 * first ones needed, and so many of them are kept as take little memory; the others are read again.
 */
public final class IndexEntries implements FileEntries {

    /** Their greatest length together is 2.6 MB. */
    private static final int BLOCKS_KEPT = 16;

    private final StoreFile file;
    private final Location lastBlock;
    private final Deque<Found> blocks = new ArrayDeque<>();
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
            find();
        } catch (IOException | FormatException e) {
            throw failed(e);
        }
    }

    /** @param block null if it has to be read again */
    private record Found(Location location, @Nullable IndexBlock block) {}

    private void find() throws IOException, FormatException {
        Deque<Found> kept = new ArrayDeque<>();
        SealedFileReader.forEachBlock(file, lastBlock, (location, found) -> {
            kept.push(new Found(location, found));
            if (kept.size() > BLOCKS_KEPT) {
                blocks.addFirst(new Found(kept.removeLast().location, null));
            }
        });
        while (!kept.isEmpty()) {
            blocks.addFirst(kept.removeLast());
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
            Found found = blocks.poll();
            if (found == null) {
                return null;
            }
            try {
                present = found.block == null ? SealedFileReader.read(file, found.location) : found.block;
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
