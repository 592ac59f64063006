package org.blobarena.infinispan;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The keys of each segment, in a file. Infinispan asks for the entries of one segment at a time, and the index of the store,
 * which knows hashes alone, would have to read the records of all of them for each.
 *
 * <p>A segment has a chain of pages of {@value #PAGE_BYTES} bytes. Keys are appended to the last one: a length of 2 bytes
 * and the bytes, across pages. A key is written before its blob, and stays when the blob is removed; whoever reads asks the
 * store which are there. So the file may list a key twice, or one without a blob, but misses none. {@link #replace} takes
 * out what is superfluous.
 *
 * <p>The file is truth for nobody: unless it was {@linkplain #save saved}, it is made anew from the store.
 *
 * <p>Methods on one segment are for one thread at a time, those without a segment for one thread alone.
 */
final class SegmentKeys implements AutoCloseable {

    static final int PAGE_BYTES = 4096;

    /** The segment, and which page of it this is. */
    private static final int HEADER_BYTES = 8;

    private static final int CONTENT_BYTES = PAGE_BYTES - HEADER_BYTES;

    /** In place of the segment, of a page that no segment has. */
    private static final int FREE = -1;

    /** What stands in the mark of an orderly end, for each segment. */
    private static final int SAVED_BYTES = Integer.BYTES + Long.BYTES;

    private final RandomAccessFile file;
    private final Chain[] chains;
    private final Object pages = new Object();
    private int[] free = {};
    private int freeCount;
    private int pageCount;

    /** The pages of one segment. */
    private static final class Chain {
        private int[] pages = {};
        private int count;
        private long bytes;
        private int keys;

        void add(int page) {
            if (count == pages.length) {
                pages = Arrays.copyOf(pages, Math.max(2, count * 2));
            }
            pages[count++] = page;
        }
    }

    private SegmentKeys(RandomAccessFile file, int segments) {
        this.file = file;
        chains = new Chain[segments];
        Arrays.setAll(chains, segment -> new Chain());
    }

    /** Opens an empty file, whatever stood there. */
    static SegmentKeys create(Path path, int segments) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            file.setLength(0);
            return new SegmentKeys(file, segments);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Opens the file as it was saved.
     *
     * @param saved what {@link #save} has returned
     * @return null if it is not the file that was saved
     */
    static @Nullable SegmentKeys open(Path path, int segments, ByteBuffer saved) throws IOException {
        if (!path.toFile().isFile() || saved.remaining() != Integer.BYTES + segments * SAVED_BYTES) {
            return null;
        }
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        boolean opened = false;
        try {
            SegmentKeys keys = new SegmentKeys(file, segments);
            opened = keys.load(saved);
            return opened ? keys : null;
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    private boolean load(ByteBuffer saved) throws IOException {
        int checksum = saved.getInt();
        for (Chain chain : chains) {
            chain.keys = saved.getInt();
            chain.bytes = saved.getLong();
            if (chain.keys < 0 || chain.bytes < 0 || chain.bytes > file.length()) {
                return false;
            }
            chain.pages = new int[pagesOf(chain.bytes)];
        }
        if (file.length() % PAGE_BYTES != 0 || file.length() / PAGE_BYTES > Integer.MAX_VALUE) {
            return false;
        }
        pageCount = (int) (file.length() / PAGE_BYTES);
        CRC32C found = new CRC32C();
        ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
        for (int number = 0; number < pageCount; number++) {
            read(number, 0, page.array(), 0, PAGE_BYTES);
            found.update(page.array());
            int segment = page.getInt(0);
            int place = page.getInt(4);
            if (segment == FREE) {
                release(number);
            } else if (segment < 0 || segment >= chains.length || place < 0 || place >= chains[segment].pages.length) {
                return false;
            } else {
                chains[segment].pages[place] = number;
                chains[segment].count++;
            }
        }
        for (Chain chain : chains) {
            if (chain.count != chain.pages.length) {
                return false;
            }
        }
        return (int) found.getValue() == checksum;
    }

    private static int pagesOf(long bytes) {
        return Math.toIntExact((bytes + CONTENT_BYTES - 1) / CONTENT_BYTES);
    }

    /**
     * Completes the file, so that it can be opened again.
     *
     * @return what {@link #open} needs
     */
    ByteBuffer save() throws IOException {
        ByteBuffer saved = ByteBuffer.allocate(Integer.BYTES + chains.length * SAVED_BYTES);
        saved.putInt(0);
        for (int segment = 0; segment < chains.length; segment++) {
            Chain chain = chains[segment];
            for (int place = 0; place < chain.count; place++) {
                writeHeader(chain.pages[place], segment, place);
            }
            saved.putInt(chain.keys).putLong(chain.bytes);
        }
        for (int i = 0; i < freeCount; i++) {
            writeHeader(free[i], FREE, 0);
        }
        file.setLength((long) pageCount * PAGE_BYTES);
        file.getFD().sync();
        CRC32C checksum = new CRC32C();
        byte[] page = new byte[PAGE_BYTES];
        for (int number = 0; number < pageCount; number++) {
            read(number, 0, page, 0, PAGE_BYTES);
            checksum.update(page);
        }
        return saved.putInt(0, (int) checksum.getValue()).flip();
    }

    private void writeHeader(int page, int segment, int place) throws IOException {
        byte[] header =
                ByteBuffer.allocate(HEADER_BYTES).putInt(segment).putInt(place).array();
        write(page, 0, header, 0, HEADER_BYTES);
    }

    /** How many keys a segment lists, superfluous ones too. */
    int listed(int segment) {
        return chains[segment].keys;
    }

    /**
     * Appends a key.
     *
     * @param key at most 65,535 bytes
     * @throws IOException if it cannot be written; nothing is appended
     */
    void add(int segment, byte[] key) throws IOException {
        byte[] entry = ByteBuffer.allocate(Short.BYTES + key.length)
                .putShort((short) key.length)
                .put(key)
                .array();
        Chain chain = chains[segment];
        int written = 0;
        while (written < entry.length) {
            long position = chain.bytes + written;
            int place = (int) (position / CONTENT_BYTES);
            if (place == chain.count) {
                chain.add(take());
            }
            int offset = (int) (position % CONTENT_BYTES);
            int piece = Math.min(entry.length - written, CONTENT_BYTES - offset);
            write(chain.pages[place], HEADER_BYTES + offset, entry, written, piece);
            written += piece;
        }
        chain.bytes += entry.length;
        chain.keys++;
    }

    /** Returns what a segment lists, as new arrays. */
    List<byte[]> keys(int segment) throws IOException {
        Chain chain = chains[segment];
        List<byte[]> keys = new ArrayList<>(chain.keys);
        long position = 0;
        byte[] page = new byte[CONTENT_BYTES];
        ByteBuffer rest = ByteBuffer.allocate(0);
        for (int place = 0; position < chain.bytes; place++) {
            int length = (int) Math.min(CONTENT_BYTES, chain.bytes - position);
            read(chain.pages[place], HEADER_BYTES, page, 0, length);
            position += length;
            ByteBuffer entries = ByteBuffer.allocate(rest.remaining() + length)
                    .put(rest)
                    .put(page, 0, length)
                    .flip();
            rest = takeWhole(entries, keys);
        }
        return keys;
    }

    /** Returns what is left of a key that goes on in the next page. */
    private static ByteBuffer takeWhole(ByteBuffer entries, List<byte[]> keys) {
        while (entries.remaining() >= Short.BYTES) {
            int length = entries.getShort(entries.position()) & 0xffff;
            if (entries.remaining() < Short.BYTES + length) {
                break;
            }
            byte[] key = new byte[length];
            entries.position(entries.position() + Short.BYTES).get(key);
            keys.add(key);
        }
        return entries;
    }

    /** Lists these keys in place of what a segment lists. If that fails, it lists what it did. */
    void replace(int segment, Collection<byte[]> keys) throws IOException {
        Chain before = chains[segment];
        Chain after = new Chain();
        chains[segment] = after;
        try {
            for (byte[] key : keys) {
                add(segment, key);
            }
        } catch (IOException e) {
            chains[segment] = before;
            release(after);
            throw e;
        }
        release(before);
    }

    private void release(Chain chain) {
        for (int place = 0; place < chain.count; place++) {
            release(chain.pages[place]);
        }
    }

    private void release(int page) {
        synchronized (pages) {
            if (freeCount == free.length) {
                free = Arrays.copyOf(free, Math.max(16, freeCount * 2));
            }
            free[freeCount++] = page;
        }
    }

    private int take() {
        synchronized (pages) {
            return freeCount > 0 ? free[--freeCount] : pageCount++;
        }
    }

    private void write(int page, int offset, byte[] bytes, int from, int length) throws IOException {
        synchronized (file) {
            file.seek((long) page * PAGE_BYTES + offset);
            file.write(bytes, from, length);
        }
    }

    private void read(int page, int offset, byte[] bytes, int from, int length) throws IOException {
        synchronized (file) {
            file.seek((long) page * PAGE_BYTES + offset);
            try {
                file.readFully(bytes, from, length);
            } catch (EOFException e) {
                throw new IOException("page " + page + " of the keys of segments is not there", e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
