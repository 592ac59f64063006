package org.blobarena.infinispan;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Stream;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.api.RecordInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens what a directory has. For one thread, once.
 *
 * <p><b>After a crash</b> the keys of the segments are collected from the store again, which reads the start of every record.
 * If the number of segments has changed, or what tells the segment of a key, all entries move to where they belong
 * now; the record of the layout says that before the first has moved, so that a crash meanwhile has it done again.
 */
final class Opening {

    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);
    private static final byte[] MOVING = bytes("moving");

    private final StoreDirectory directory;
    private final BlobStoreBuilder<byte[]> builder;
    private final byte[] layout;
    private final AtomicLongArray counts;
    private final Segments segments;

    /** Tells the segment of a key. */
    @FunctionalInterface
    interface Segments {
        int of(byte[] key) throws IOException;
    }

    /**
     * Prepares for opening.
     *
     * @param directory the directory, closed by whoever opened it
     * @param builder opens the store
     * @param partition says how many segments there are and what the segment of a key depends on; if that differs from the
     *     last one, all keys are looked at
     * @param segments tells the segment of a key
     */
    Opening(StoreDirectory directory, BlobStoreBuilder<byte[]> builder, Partition partition, Segments segments) {
        this.directory = directory;
        this.builder = builder.clock(() -> SegmentedBlobs.NOTHING_EXPIRES);
        layout = bytes(partition.layout());
        counts = new AtomicLongArray(partition.count());
        this.segments = segments;
    }

    SegmentedBlobs open() throws IOException {
        ByteBuffer end = directory.takeEnd();
        BlobStore<byte[]> store = builder.open(directory.blobs());
        boolean opened = false;
        try {
            boolean inPlace = putInPlace(store);
            SegmentedBlobs resumed = end != null && inPlace ? resumed(store, end) : null;
            SegmentedBlobs blobs = resumed == null ? collected(store) : resumed;
            opened = true;
            return blobs;
        } finally {
            if (!opened) {
                store.close();
            }
        }
    }

    /** Has every entry in the segment where it belongs, and returns whether nothing had to move. */
    private boolean putInPlace(BlobStore<byte[]> store) throws IOException {
        byte[] before = store.get(SegmentedBlobs.LAYOUT);
        if (before == null && store.size() > 0) {
            throw new IOException(directory.blobs() + " has blobs that are not of Infinispan");
        }
        if (before == null) {
            store.put(SegmentedBlobs.LAYOUT, layout);
        } else if (!Arrays.equals(before, layout)) {
            LOG.info("{}: entries move to other segments", directory.blobs());
            moveAll(store);
            return false;
        }
        return true;
    }

    private void moveAll(BlobStore<byte[]> store) throws IOException {
        store.put(SegmentedBlobs.LAYOUT, MOVING);
        try (Stream<byte[]> all = store.keys()) {
            for (Iterator<byte[]> left = all.iterator(); left.hasNext(); ) {
                byte[] from = left.next();
                if (!Arrays.equals(from, SegmentedBlobs.LAYOUT)) {
                    byte[] key = withoutSegment(from);
                    move(store, from, SegmentedBlobs.withSegment(segments.of(key), key));
                }
            }
        }
        store.put(SegmentedBlobs.LAYOUT, layout);
    }

    private static void move(BlobStore<byte[]> store, byte[] from, byte[] to) throws IOException {
        if (Arrays.equals(from, to)) {
            return;
        }
        RecordInfo record = store.describe(from);
        BlobInputStream blob = record == null ? null : store.openStream(from);
        if (record != null && blob != null) {
            try (blob) {
                store.withExpiry(record.expiry()).put(to, blob);
            }
            store.remove(from);
        }
    }

    /** Goes on with the keys as they were at the end; returns null if they are not those of the store. */
    private @Nullable SegmentedBlobs resumed(BlobStore<byte[]> store, ByteBuffer end) throws IOException {
        if (end.remaining() < 1 + counts.length() * Long.BYTES) {
            return null;
        }
        boolean expires = end.get() != 0;
        long all = 0;
        for (int segment = 0; segment < counts.length(); segment++) {
            counts.set(segment, end.getLong());
            all += counts.get(segment);
        }
        if (all + 1 != store.size()) {
            return null;
        }
        SegmentKeys keys = SegmentKeys.open(directory.keys(), counts.length(), end);
        return keys == null ? null : blobs(store, keys, expires);
    }

    private SegmentedBlobs collected(BlobStore<byte[]> store) throws IOException {
        SegmentKeys keys = SegmentKeys.create(directory.keys(), counts.length());
        boolean complete = false;
        for (int segment = 0; segment < counts.length(); segment++) {
            counts.set(segment, 0);
        }
        try (Stream<byte[]> all = store.keys()) {
            for (Iterator<byte[]> left = all.iterator(); left.hasNext(); ) {
                byte[] key = left.next();
                if (!Arrays.equals(key, SegmentedBlobs.LAYOUT)) {
                    int segment = segmentOf(key);
                    keys.add(segment, withoutSegment(key));
                    counts.incrementAndGet(segment);
                }
            }
            complete = true;
        } finally {
            if (!complete) {
                keys.close();
            }
        }
        // Whether an entry expires is not known then.
        return blobs(store, keys, store.size() > 1);
    }

    private SegmentedBlobs blobs(BlobStore<byte[]> store, SegmentKeys keys, boolean expires) {
        return new SegmentedBlobs(directory, builder, layout, store, keys, counts, expires);
    }

    private int segmentOf(byte[] stored) throws IOException {
        int segment = stored.length < SegmentedBlobs.PREFIX_BYTES
                ? -1
                : ByteBuffer.wrap(stored).getInt();
        if (segment < 0 || segment >= counts.length()) {
            throw foreignKey();
        }
        return segment;
    }

    private byte[] withoutSegment(byte[] stored) throws IOException {
        if (stored.length < SegmentedBlobs.PREFIX_BYTES) {
            throw foreignKey();
        }
        return Arrays.copyOfRange(stored, SegmentedBlobs.PREFIX_BYTES, stored.length);
    }

    private IOException foreignKey() {
        return new IOException(directory.blobs() + " has a key that is not of Infinispan");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
