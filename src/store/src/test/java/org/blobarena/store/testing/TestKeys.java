package org.blobarena.store.testing;

import java.util.Arrays;
import java.util.Map;
import org.blobarena.store.crypt.KeySource;

/** Keys of encrypted stores in tests. */
public final class TestKeys {

    /** The keys by their ids, for a reader that is none of the library's. */
    public static final Map<Integer, byte[]> BY_ID = Map.of(1, key(1), 2, key(2));

    private TestKeys() {}

    /** A key that is as good as any. */
    public static byte[] key(int number) {
        byte[] key = new byte[KeySource.KEY_BYTES];
        Arrays.fill(key, (byte) (0xa0 + number));
        return key;
    }

    /** The first key alone. */
    public static KeySource first() {
        return KeySource.of(1, key(1));
    }

    /** The second key is the current one, and the first is there still. */
    public static KeySource both() {
        return KeySource.of(BY_ID);
    }

    /** The second key alone. */
    public static KeySource second() {
        return KeySource.of(2, key(2));
    }
}
