package org.blobarena.store.internal.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.blobarena.arena.Location;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.Damage;
import org.blobarena.store.internal.core.ByteSource;
import org.blobarena.store.internal.core.StoreFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of one file one after the other, forward, and finds its way past damage.
 *
 * <p>Where no valid header stands, every following byte is tried until one does. A payload cannot fake one: the
 * header carries a salt that nobody outside the store knows, and its checksum covers the place. For one thread.
 *
 * <p>Memory is one {@link FileWindow}, whatever the lengths on disk say.
 */
public final class FileScanner {

    private final StoreFile file;
    private final FileWindow window;
    private final RecordFrame frame = new RecordFrame();
    private long next;
    private @Nullable IndexBlock indexBlock;
    private @Nullable Damage damageBefore;

    /** Bytes from {@code start} to {@code end} where no valid header stands. */
    public record Damage(long start, long end, String problem) {}

    /** A scan of all records that the file holds by now. */
    public FileScanner(StoreFile file) {
        this(file, new Location(file.id(), 0, file.recordsEnd()));
        next = ArenaHeader.BYTES;
    }

    /** A scan of the records in a part of the file. */
    public FileScanner(StoreFile file, Location part) {
        this(file, part, file);
    }

    /**
     * The same by other means.
     *
     * @param bytes those of the file
     */
    public FileScanner(StoreFile file, Location part, ByteSource bytes) {
        this.file = file;
        this.window = FileWindow.ofBytes((int) Math.min(FileWindow.BYTES, part.length()));
        window.turnTo(bytes, part.end());
        frame.turnTo(file);
        next = part.offset();
    }

    /**
     * Goes to the next record only if it stands right behind this one, and the whole of it is there.
     *
     * @return false at the end, and where there is none
     */
    public boolean nextWithoutGap() throws IOException {
        damageBefore = null;
        if (next >= window.end() || problemAt(next) != null) {
            return false;
        }
        next = frame.end();
        return true;
    }

    /**
     * Goes to the next record whose header and key are valid. {@link #damageBefore} tells what was passed over,
     * also when there is no further record.
     *
     * @return false at the end
     */
    public boolean next() throws IOException {
        damageBefore = null;
        long offset = next;
        if (offset >= window.end()) {
            return false;
        }
        String problem = problemAt(offset);
        if (problem != null) {
            next = findRecord(offset + 1);
            damageBefore = new Damage(offset, next, problem);
            if (next == window.end()) {
                return false;
            }
        }
        next = frame.end();
        return true;
    }

    /** What lies between the record before and this one, or the end; null when nothing does. */
    public @Nullable Damage damageBefore() {
        return damageBefore;
    }

    /** The header of this record. */
    public RecordHeader header() {
        return frame.header();
    }

    public long offset() {
        return frame.offset();
    }

    /** Where this record ends. */
    public long end() {
        return next;
    }

    /** A copy of this record's key. */
    public byte[] key() throws IOException {
        return frame.key(window);
    }

    /** Reads this record's payload and compares its checksum. Null when it is right. */
    public @Nullable String verifyPayload() throws IOException {
        indexBlock = null;
        try {
            if (header().type() == RecordType.INDEX_BLOCK) {
                indexBlock = IndexBlock.decode(frame.payload(window, IndexBlock.PAYLOAD_BYTES_MAX));
            } else {
                frame.verifyPayload(window);
            }
        } catch (FormatException e) {
            return e.getMessage();
        }
        return null;
    }

    /** What this record lists if it is an index block; after {@link #verifyPayload} has found it right. */
    public IndexBlock indexBlock() {
        return Objects.requireNonNull(indexBlock);
    }

    /** What an index block says of this record. */
    public IndexBlock.Entry entry(KeyHash hash) {
        return frame.entry(hash);
    }

    /** Null when a record stands there, which is then open. */
    private @Nullable String problemAt(long position) throws IOException {
        try {
            frame.open(window, position);
            return null;
        } catch (FormatException e) {
            return e.getMessage();
        }
    }

    /** Opens the first record from a position on, and returns where it stands; the end if there is none. */
    private long findRecord(long from) throws IOException {
        long position = from;
        while (position + RecordHeader.BYTES <= window.end()) {
            int first = window.load(position, RecordHeader.BYTES);
            ByteBuffer bytes = window.bytes();
            int last = bytes.limit() - RecordHeader.BYTES;
            int at = first;
            // Only the bytes of the salt cost anything for most positions.
            while (at <= last && bytes.getInt(at + RecordHeader.SALT_OFFSET) != file.salt()) {
                at++;
            }
            position += at - first;
            if (at <= last) {
                if (problemAt(position) == null) {
                    return position;
                }
                position++;
            }
        }
        return window.end();
    }
}
