package org.blobarena.infinispan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.store.api.Expiry;

/** Collects blobs that are written together, up to a number of bytes. For use by one thread. */
final class Batch {

    private final SegmentedBlobs blobs;
    private final long bytesMax;
    private final List<SegmentedBlobs.Write> writes = new ArrayList<>();
    private long bytes;

    Batch(SegmentedBlobs blobs, long bytesMax) {
        this.blobs = blobs;
        this.bytesMax = bytesMax;
    }

    void add(int segment, byte[] key, byte[] blob, Expiry expiry) throws IOException {
        writes.add(new SegmentedBlobs.Write(segment, key, blob, expiry));
        bytes += blob.length;
        if (bytes >= bytesMax) {
            flush();
        }
    }

    /** Writes what has been collected. */
    void flush() throws IOException {
        blobs.putAll(writes);
        writes.clear();
        bytes = 0;
    }
}
