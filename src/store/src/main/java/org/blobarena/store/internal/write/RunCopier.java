package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Layout;
import org.blobarena.store.internal.core.StoreFile;

/**
 * Copies records of a file that nobody appends to, as many at once as stand near each other: they are read, verified and
 * written as one piece, of which only the headers change. Nothing of a piece is written before all of it is verified. For
 * one thread.
 *
 * <p>What is read is what is copied, but for gaps that are too short to be worth another read.
 */
public final class RunCopier {

    /** The most that is read at once. A longer record is for the {@link RecordCopier}. */
    public static final int RUN_BYTES = 1 << 20;

    /** Of what lies between two records so much is read along. */
    private static final int GAP_BYTES_MAX = 512;

    private final RecordSource source = RecordSource.exact(RUN_BYTES);
    private final RateLimit rate;
    private final Layout layout;
    private final List<IndexBlock.Entry> run = new ArrayList<>();

    /** @param layout of the records; encrypted ones are not copied like this, since each file has a key of its own */
    public RunCopier(RateLimit rate, Layout layout) {
        this.rate = rate;
        this.layout = layout;
    }

    /** Whether no record fits, of whatever length. */
    boolean copiesNone() {
        return layout == Layout.ENCRYPTED;
    }

    /** How much was read from the disk so far. */
    public long bytesRead() {
        return source.bytesRead();
    }

    /** Whether a record can be read with those of the run. */
    public boolean fits(IndexBlock.Entry next) {
        if (run.isEmpty()) {
            return next.length() <= RUN_BYTES && !copiesNone();
        }
        long end = end(run.get(run.size() - 1));
        return next.offset() >= end
                && next.offset() - end <= GAP_BYTES_MAX
                && end(next) - run.get(0).offset() <= RUN_BYTES;
    }

    /** Adds a record to the run that {@link #fits}. */
    public void add(IndexBlock.Entry next) {
        run.add(next);
    }

    /** Whether the run has no records. */
    public boolean isEmpty() {
        return run.isEmpty();
    }

    /** The first record of the run. */
    public IndexBlock.Entry first() {
        return run.get(0);
    }

    /** Receives what was copied. */
    @FunctionalInterface
    public interface Target {

        /** @param copy the entry of the copy in its file */
        void copied(IndexBlock.Entry original, IndexBlock.Entry copy);
    }

    /**
     * Copies the first records of the run behind what a file has, as many as fit it in one piece, and takes them out of the
     * run.
     *
     * @param from where the run stands
     * @param target which has room for the first of them
     * @param spareBytes what has to have room in the target besides
     * @param copied told of each record that has been copied
     * @return how many bytes
     * @throws org.blobarena.store.api.CorruptBlobException if one of them is damaged; none was copied
     * @throws org.blobarena.store.internal.core.UnreadableException if they cannot be read; none was copied
     */
    public long copy(StoreFile from, ActiveFile target, long spareBytes, Target copied) throws IOException {
        int count = target.roomForCopies(run, spareBytes);
        List<IndexBlock.Entry> originals = run.subList(0, count);
        ByteBuffer read = source.load(from, originals);
        long readStart = originals.get(0).offset();
        List<IndexBlock.Entry> copies = new ArrayList<>(count);
        boolean[] compressed = new boolean[count];
        List<ByteBuffer> parts = new ArrayList<>();
        long targetOffset = target.writer().length();
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            IndexBlock.Entry original = originals.get(i);
            source.verify(from, original);
            compressed[i] = source.header().isCompressed();
            ByteBuffer record = part(read, original.offset() - readStart, original.length());
            target.moveCopy(source.header(), record, targetOffset + bytes);
            extend(parts, record);
            copies.add(original.at(targetOffset + bytes));
            bytes += original.length();
        }
        rate.acquire(bytes);
        target.push(parts.toArray(ByteBuffer[]::new));
        for (int i = 0; i < count; i++) {
            target.list(copies.get(i), compressed[i]);
            copied.copied(originals.get(i), copies.get(i));
        }
        originals.clear();
        return bytes;
    }

    private static ByteBuffer part(ByteBuffer read, long offset, long length) {
        int at = read.position() + Math.toIntExact(offset);
        return read.duplicate().limit(at + Math.toIntExact(length)).position(at);
    }

    /** A record that stands right behind the one before belongs to its part. */
    private static void extend(List<ByteBuffer> parts, ByteBuffer record) {
        ByteBuffer last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
        if (last != null && last.limit() == record.position()) {
            last.limit(record.limit());
        } else {
            parts.add(record);
        }
    }

    private static long end(IndexBlock.Entry entry) {
        return entry.offset() + entry.length();
    }
}
