package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.BlockTable;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one read of a key needs and that the next can use again, so that a read which fills what its caller
 * has already makes no garbage. For one thread at a time.
 */
final class Lookup implements SoughtKey {

    /** Keys longer than this are encoded into arrays of their own. */
    private static final int KEY_BYTES = 1024;

    private final KeyHasher hasher;
    private final RecordReader reader;
    private final ByteBuffer scratch = ByteBuffer.allocate(KEY_BYTES);
    private final long[] hash = new long[2];
    private final IndexProbe probe = new IndexProbe();
    private RecordReader.@Nullable Reading reading;
    private ByteBuffer key = scratch;
    private long blobBytes;

    Lookup(KeyHasher hasher, RecordReader reader) {
        this.hasher = hasher;
        this.reader = reader;
    }

    <K> void set(KeyCodec<K> codec, K newKey) {
        key = codec.encodeInto(newKey, scratch.clear())
                ? scratch.flip()
                : ByteBuffer.wrap(KeyCodecs.owned(codec, newKey));
        hasher.hash(key.array(), key.limit(), hash);
        probe.set(hash);
    }

    IndexProbe probe() {
        return probe;
    }

    /** The length of the blob, after {@link #readIfRoom}. */
    long blobBytes() {
        return blobBytes;
    }

    /**
     * Reads the blob whose record the probe has found into a buffer, whose position moves only then. The buffer stays as
     * it is if it has no room.
     *
     * @return false when the record is of another key with the same hash
     */
    boolean readIfRoom(StoreFile file, ByteBuffer target) throws IOException {
        if (file.content().compressedRecords() == 0) {
            blobBytes = BlockTable.blobBytes(probe.length() - RecordHeader.BYTES - length());
            if (blobBytes > target.remaining()) {
                return true;
            }
        }
        int start = target.position();
        boolean complete = false;
        try {
            blobBytes = reader.payloadIfRoom(reading(file), this, target);
            complete = blobBytes >= 0;
        } finally {
            if (!complete) {
                target.position(start);
            }
        }
        return complete;
    }

    /** Reads the record that the probe has found as {@link RecordReader#verified} does. */
    @Nullable ByteBuffer verified(StoreFile file, Scratch scratch) throws IOException {
        return reader.verified(reading(file), this, scratch);
    }

    private RecordReader.Reading reading(StoreFile file) {
        RecordReader.Reading present = reading;
        if (present == null) {
            present = reader.reading(file, probe.offset(), probe.length());
            reading = present;
        } else {
            present.begin(file, probe.offset(), probe.length());
        }
        return present;
    }

    @Override
    public int length() {
        return key.limit();
    }

    @Override
    public boolean isAt(ByteBuffer bytesOfRecord, int at) {
        int position = bytesOfRecord.position();
        int limit = bytesOfRecord.limit();
        boolean same = bytesOfRecord.limit(at + key.limit()).position(at).equals(key);
        bytesOfRecord.limit(limit).position(position);
        return same;
    }

    @Override
    public KeyHash hash() {
        return probe.hash();
    }
}
