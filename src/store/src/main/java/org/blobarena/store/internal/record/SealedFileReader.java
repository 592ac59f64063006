package org.blobarena.store.internal.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Lineage;
import org.blobarena.format.RecordType;
import org.blobarena.store.internal.core.ByteSource;
import org.blobarena.store.internal.core.StoreFile;
import org.jspecify.annotations.Nullable;

/** Reads what a sealed file says about itself: its footer, and the index blocks in the order of the file. */
public final class SealedFileReader {

    private SealedFileReader() {}

    /** Receives entries. */
    @FunctionalInterface
    public interface EntryVisitor {

        void visit(IndexBlock.Entry entry) throws IOException;
    }

    /** The footer, or null when the file does not end in one and so is not sealed. */
    public static @Nullable ArenaFooter footer(StoreFile file) throws IOException {
        return footer(file, new Whole(file, file.arena().length()));
    }

    /**
     * All of a file.
     *
     * @param bytes how many
     */
    public record Whole(ByteSource source, long bytes) {}

    /**
     * The same of a file that is read in another way.
     *
     * @param file says which
     */
    public static @Nullable ArenaFooter footer(StoreFile file, Whole whole) throws IOException {
        int recordBytes = file.layout().footerRecordBytes();
        long offset = whole.bytes - recordBytes;
        if (offset < ArenaHeader.BYTES) {
            return null;
        }
        try {
            Location location = new Location(file.id(), offset, recordBytes);
            return ArenaFooter.decode(payload(file, whole, location, RecordType.FOOTER), file.id());
        } catch (FormatException e) {
            return null;
        }
    }

    /**
     * Walks the index blocks.
     *
     * @throws FormatException if a block is damaged; blocks before it may have been visited by then, in no case
     *     only a part of one
     */
    public static void forEachEntry(StoreFile file, Location lastBlock, EntryVisitor visitor)
            throws IOException, FormatException {
        Deque<Location> blocks = indexBlocks(file, lastBlock);
        while (!blocks.isEmpty()) {
            IndexBlock entries = read(file, blocks.pop());
            for (int i = 0; i < entries.count(); i++) {
                visitor.visit(entries.entry(i));
            }
        }
    }

    /** The places of the index blocks in the order of the file. */
    static Deque<Location> indexBlocks(StoreFile file, Location lastBlock) throws IOException, FormatException {
        Deque<Location> blocks = new ArrayDeque<>();
        forEachBlock(file, lastBlock, (location, block) -> blocks.push(location));
        return blocks;
    }

    /** Receives index blocks. */
    @FunctionalInterface
    interface BlockVisitor {

        void visit(Location location, IndexBlock block);
    }

    /** Walks the index blocks from the last to the first. */
    static void forEachBlock(StoreFile file, Location lastBlock, BlockVisitor visitor)
            throws IOException, FormatException {
        long before = file.arena().length();
        Location block = lastBlock;
        while (block.length() > 0) {
            if (block.end() > before) {
                throw FormatException.corrupt("end of the index block before offset " + before, "before it", block);
            }
            before = block.offset();
            IndexBlock found = read(file, block);
            visitor.visit(block, found);
            block = found.previous(file.id());
        }
    }

    /**
     * The files that a sealed file replaces.
     *
     * @throws FormatException if the record that names them is damaged
     */
    public static Lineage lineage(StoreFile file) throws IOException, FormatException {
        return lineage(file, file.content().lineage());
    }

    /** The same, where the record is known to be. */
    public static Lineage lineage(StoreFile file, Location record) throws IOException, FormatException {
        return Lineage.decode(payload(file, record, RecordType.LINEAGE));
    }

    static IndexBlock read(StoreFile file, Location block) throws IOException, FormatException {
        return IndexBlock.decode(payload(file, block, RecordType.INDEX_BLOCK));
    }

    private static ByteBuffer payload(StoreFile file, Location location, int type) throws IOException, FormatException {
        return payload(file, new Whole(file, file.arena().length()), location, type);
    }

    private static ByteBuffer payload(StoreFile file, Whole whole, Location location, int type)
            throws IOException, FormatException {
        if (location.offset() < ArenaHeader.BYTES) {
            throw FormatException.corrupt("place of the record", "one behind the header of the file", location);
        }
        RecordFrame frame = new RecordFrame();
        FileWindow window = new FileWindow();
        frame.turnTo(file);
        try (Scratch scratch = Scratch.take()) {
            window.turnTo(whole.source, whole.bytes, scratch.buffer(location.length()));
            frame.open(window, location.offset(), location.length());
            frame.requireType(type);
            return frame.payload(window, IndexBlock.PAYLOAD_BYTES_MAX);
        }
    }
}
