package org.blobarena.store.internal.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.KeyCodec;
import org.jspecify.annotations.Nullable;

/**
 * A key as bytes, and their hash. The bytes are its own: nobody changes them.
 *
 * <p>A {@linkplain #reusable() reusable} one is of one key after another, for one thread at a time, so that an operation makes
 * no garbage for its key.
 */
public final class EncodedKey {

    /** What a reusable one has room for. Longer keys are encoded into arrays of their own. */
    private static final int SCRATCH_BYTES = 1024;

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final byte @Nullable [] scratch;
    private final ByteBuffer buffer;
    private final @Nullable KeyHash ownHash;
    private final long[] hash = new long[2];
    private byte[] array;
    private int length;

    public EncodedKey(byte[] bytes, KeyHash hash) {
        this.scratch = null;
        this.buffer = NONE;
        this.ownHash = hash;
        this.array = bytes;
        this.length = bytes.length;
        this.hash[0] = hash.high();
        this.hash[1] = hash.low();
    }

    private EncodedKey(int scratchBytes) {
        byte[] own = new byte[scratchBytes];
        this.scratch = own;
        this.buffer = ByteBuffer.wrap(own);
        this.ownHash = null;
        this.array = own;
    }

    /** Returns one that has to be {@link #set} before it is used. */
    public static EncodedKey reusable() {
        return new EncodedKey(SCRATCH_BYTES);
    }

    /** Makes a reusable one that of another key. */
    public <K> void set(KeyHasher hasher, KeyCodec<K> codec, K key) {
        byte[] own = Objects.requireNonNull(scratch, "not reusable");
        ByteBuffer target = buffer.clear().order(ByteOrder.BIG_ENDIAN);
        if (codec.encodeInto(Objects.requireNonNull(key, "key"), target)) {
            array = own;
            length = target.flip().limit();
        } else {
            array = bytesOf(codec, key);
            length = array.length;
        }
        hasher.hash(array, length, hash);
    }

    /** Returns the bytes of a key, which never change: a copy, unless the codec says that nobody changes what it returns. */
    public static <K> byte[] bytesOf(KeyCodec<K> codec, K key) {
        byte[] bytes = codec.encode(Objects.requireNonNull(key, "key"));
        return codec.returnsStableKeys() ? bytes : bytes.clone();
    }

    /** The bytes; those of a reusable one are a copy. */
    public byte[] bytes() {
        return scratch == null ? array : Arrays.copyOf(array, length);
    }

    /** The bytes from position 0 to the limit, which stay; those of a reusable one until it is set again. */
    public ByteBuffer buffer() {
        return array == scratch ? buffer : ByteBuffer.wrap(array);
    }

    public int length() {
        return length;
    }

    /** The first half of the hash; see {@link KeyHash#high}. */
    public long hashHigh() {
        return hash[0];
    }

    /** The second half of the hash; see {@link KeyHash#low}. */
    public long hashLow() {
        return hash[1];
    }

    /** Lets go of a key that had an array of its own. A reusable one has none then, until it is set again. */
    public void clear() {
        byte[] own = scratch;
        if (own != null) {
            array = own;
            length = 0;
        }
    }

    /** The hash; of a reusable one a new object. Others need no memory for it, as where a tombstone stands already. */
    public KeyHash hash() {
        KeyHash own = ownHash;
        return own == null ? new KeyHash(hash[0], hash[1]) : own;
    }
}
