package org.blobarena.index.chronicle.map;

import net.openhft.chronicle.algo.hashing.LongHashFunction;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.RandomDataInput;
import net.openhft.chronicle.bytes.RandomDataOutput;
import net.openhft.chronicle.hash.Data;
import net.openhft.chronicle.hash.serialization.DataAccess;
import org.blobarena.index.KeyHash;
import org.jspecify.annotations.Nullable;

/** How Chronicle Map stores a {@link KeyHash}: 16 bytes, both halves little-endian. */
final class KeyHashMarshaller extends FixedSizeMarshaller<KeyHash> {

    // As they stand in memory; an array because the hash function takes one.
    private final transient long[] words = new long[2];
    private transient @Nullable KeyHash key;

    @Override
    public Data<KeyHash> getData(KeyHash instance) {
        key = instance;
        words[0] = MapEntry.word(instance.high());
        words[1] = MapEntry.word(instance.low());
        return this;
    }

    @Override
    public void uninit() {
        key = null;
    }

    @Override
    public DataAccess<KeyHash> copy() {
        return new KeyHashMarshaller();
    }

    @Override
    public KeyHash read(Bytes<?> in, long size, @Nullable KeyHash using) {
        long high = MapEntry.word(in.readLong());
        return new KeyHash(high, MapEntry.word(in.readLong()));
    }

    @Override
    public long hash(LongHashFunction function) {
        return function.hashLongs(words);
    }

    @Override
    public boolean equivalent(RandomDataInput source, long sourceOffset) {
        return source.readLong(sourceOffset) == words[0] && source.readLong(sourceOffset + Long.BYTES) == words[1];
    }

    @Override
    @SuppressWarnings("rawtypes") // as the overridden method has it
    public void writeTo(RandomDataOutput target, long targetOffset) {
        target.writeLong(targetOffset, words[0]);
        target.writeLong(targetOffset + Long.BYTES, words[1]);
    }

    @Override
    public long size() {
        return KeyHash.ENCODED_BYTES;
    }

    @Override
    public KeyHash get() {
        KeyHash present = key;
        return present == null ? new KeyHash(MapEntry.word(words[0]), MapEntry.word(words[1])) : present;
    }
}
