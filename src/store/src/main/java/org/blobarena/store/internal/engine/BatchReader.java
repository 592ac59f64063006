package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Pool;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.FileWindow;
import org.jspecify.annotations.Nullable;

/**
 * Reads the blobs of many keys in the order of the disk: neighbouring records in one read, several reads at once.
 *
 * <p>Keys are taken in chunks of {@value #CHUNK_KEYS}. Memory holds the locations of a chunk, the windows, and what is read
 * ahead of the user: at most some 1.25 MiB for each part of a chunk that is under way, usually a fifth of that. A record that
 * fits no {@link FileWindow}, or would not once it is decompressed, is read when it is its turn, and so is what is left of a
 * part whose blobs got longer than that. No lock is held and no gate passed while the user has a blob.
 *
 * <p>Every record is verified as that of a single get, by the same code. Whatever goes wrong with a window, also that
 * compaction has deleted its file since the chunk was looked up, is left to single gets of its keys, which look up anew
 * where the record is, and say what is wrong with it. For one thread.
 *
 * @param <K> the user's keys
 */
public final class BatchReader<K> {

    static final int CHUNK_KEYS = 16 * 1024;

    /**
     * Bytes between two records that are read along rather than passed over: about what a device transfers in the
     * time that another request takes.
     */
    static final int GAP_BYTES_MAX = 32 * 1024;

    /** What one thread reads before it hands over: enough for the handing over not to count. */
    private static final long PART_BYTES_MAX = 256 * 1024;

    /** For the whole process: as many as its reading threads have, and as many for users who read themselves. */
    private static final int WINDOWS_MAX = 2 * ReadAhead.THREADS;

    /** Of what one thread reads, so much is kept at most, and one blob more: compressed ones are longer than in the window. */
    private static final long PAYLOAD_BYTES_MAX = 1 << 20;

    private static final Pool<FileWindow> WINDOWS =
            Pool.bounded(WINDOWS_MAX, () -> FileWindow.ofBytes(FileWindow.BYTES));

    private final StoreReads reads;
    private final KeyHasher hasher;
    private final KeyCodec<K> codec;

    public BatchReader(StoreReads reads, KeyHasher hasher, KeyCodec<K> codec) {
        this.reads = reads;
        this.hasher = hasher;
        this.codec = codec;
    }

    /** A key that is present, and its payload between the read and the visit. */
    private static final class Wanted<K> {

        private final K userKey;
        private final EncodedKey key;
        private final Location location;
        private byte @Nullable [] payload;
        private boolean read;

        Wanted(K userKey, EncodedKey key, Location location) {
            this.userKey = userKey;
            this.key = key;
            this.location = location;
        }

        boolean fitsWindow() {
            return location.length() <= FileWindow.BYTES;
        }

        /** @param found null when the key is absent by now */
        void setPayload(byte @Nullable [] found) {
            payload = found;
            read = true;
        }

        byte @Nullable [] takePayload() {
            byte[] taken = payload;
            payload = null;
            return taken;
        }
    }

    /** Visits the keys that are present. */
    public void visit(Iterable<? extends K> keys, BiConsumer<? super K, ? super byte[]> action) throws IOException {
        Iterator<? extends K> remaining = keys.iterator();
        while (remaining.hasNext()) {
            List<Wanted<K>> chunk = nextChunk(remaining);
            chunk.sort((a, b) -> a.location.compareTo(b.location));
            visitParts(parts(chunk), action);
        }
    }

    private List<Wanted<K>> nextChunk(Iterator<? extends K> keys) throws IOException {
        List<Wanted<K>> chunk = new ArrayList<>();
        for (int i = 0; i < CHUNK_KEYS && keys.hasNext(); i++) {
            K userKey = keys.next();
            EncodedKey key = hasher.encoded(EncodedKey.bytesOf(codec, userKey));
            Location location = reads.locate(key);
            if (location != null) {
                chunk.add(new Wanted<>(userKey, key, location));
            }
        }
        return chunk;
    }

    /** Parts small enough that every thread gets some. */
    private static <K> List<List<Wanted<K>>> parts(List<Wanted<K>> chunk) {
        int keysMax = Math.max(1, chunk.size() / (2 * ReadAhead.THREADS));
        List<List<Wanted<K>>> parts = new ArrayList<>();
        int start = 0;
        long bytes = 0;
        for (int i = 0; i < chunk.size(); i++) {
            Wanted<K> wanted = chunk.get(i);
            long more = wanted.fitsWindow() ? wanted.location.length() : 0;
            if (i > start && (i - start == keysMax || bytes + more > PART_BYTES_MAX)) {
                parts.add(chunk.subList(start, i));
                start = i;
                bytes = 0;
            }
            bytes += more;
        }
        if (start < chunk.size()) {
            parts.add(chunk.subList(start, chunk.size()));
        }
        return parts;
    }

    private void visitParts(List<List<Wanted<K>>> parts, BiConsumer<? super K, ? super byte[]> action)
            throws IOException {
        List<Callable<List<Wanted<K>>>> partReads = new ArrayList<>();
        for (List<Wanted<K>> part : parts) {
            partReads.add(() -> read(part));
        }
        try (ReadAhead<List<Wanted<K>>> ahead = new ReadAhead<>(partReads.iterator())) {
            for (List<Wanted<K>> part = ahead.next(); part != null; part = ahead.next()) {
                for (Wanted<K> wanted : part) {
                    byte[] payload = wanted.read ? wanted.takePayload() : reads.get(wanted.key);
                    if (payload != null) {
                        action.accept(wanted.userKey, payload);
                    }
                }
            }
        }
    }

    /** Reads the payloads of those that fit a window, as long as they are not too many bytes in all. */
    private List<Wanted<K>> read(List<Wanted<K>> part) throws IOException {
        int start = 0;
        long bytes = 0;
        while (start < part.size() && bytes <= PAYLOAD_BYTES_MAX) {
            int end = endOfRun(part, start);
            Wanted<K> first = part.get(start);
            if (end - start > 1) {
                bytes += readRun(part.subList(start, end), PAYLOAD_BYTES_MAX - bytes);
            } else if (first.fitsWindow()) {
                bytes += get(first);
            }
            start = end;
        }
        return part;
    }

    /** Returns the index behind the last record that one window holds with the one at the start. */
    private static <K> int endOfRun(List<Wanted<K>> part, int start) {
        Location first = part.get(start).location;
        long spanEnd = first.end();
        int end = start + 1;
        while (end < part.size()) {
            Location next = part.get(end).location;
            if (next.fileIndex() != first.fileIndex()
                    || next.offset() - spanEnd > GAP_BYTES_MAX
                    || next.end() - first.offset() > FileWindow.BYTES) {
                return end;
            }
            spanEnd = next.end();
            end++;
        }
        return end;
    }

    /** Returns how many bytes were read, which may be more than the most by one blob. */
    private long readRun(List<Wanted<K>> run, long bytesMax) throws IOException {
        long bytes = 0;
        FileWindow window = WINDOWS.take();
        try {
            Location first = run.get(0).location;
            long end = run.get(run.size() - 1).location.end();
            StoreFile file = fill(window, new Location(first.fileIndex(), first.offset(), end - first.offset()));
            for (int i = 0; i < run.size() && bytes <= bytesMax; i++) {
                Wanted<K> wanted = run.get(i);
                bytes += file == null ? get(wanted) : take(window, file, wanted);
            }
            return bytes;
        } finally {
            window.clear();
            WINDOWS.give(window);
        }
    }

    /** Returns how many bytes were read. */
    private int get(Wanted<K> wanted) throws IOException {
        try {
            return set(wanted, reads.getAhead(wanted.key));
        } catch (BlobTooLargeException e) {
            return 0;
        }
    }

    /** Returns how many bytes were read. */
    private int take(FileWindow window, StoreFile file, Wanted<K> wanted) throws IOException {
        try {
            return set(wanted, reads.payload(window, file, wanted.location, wanted.key));
        } catch (BlobTooLargeException e) {
            return 0;
        } catch (IOException e) {
            return get(wanted);
        }
    }

    private static int set(Wanted<?> wanted, byte @Nullable [] payload) {
        wanted.setPayload(payload);
        return payload == null ? 0 : payload.length;
    }

    /** Null when the file is gone or cannot be read. */
    private @Nullable StoreFile fill(FileWindow window, Location span) {
        try {
            return reads.fill(window, span);
        } catch (IOException | IndexOutOfBoundsException | IllegalStateException e) {
            return null;
        }
    }
}
