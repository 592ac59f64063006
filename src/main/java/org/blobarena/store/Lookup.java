package org.blobarena.store;

import java.nio.ByteBuffer;
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

    Lookup(KeyHasher hasher, RecordReader reader) {
        this.hasher = hasher;
        this.reader = reader;
    }

    <K> void set(KeyCodec<K> codec, K newKey) {
        key = codec.encodeInto(newKey, scratch.clear()) ? scratch.flip() : ByteBuffer.wrap(codec.encode(newKey));
        hasher.hash(key.array(), key.limit(), hash);
        probe.set(hash);
    }

    IndexProbe probe() {
        return probe;
    }

    /** The reading of the record that the probe has found in a file. */
    RecordReader.Reading reading(StoreFile file) {
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
