package org.blobarena.spring;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cache.support.NullValue;

/**
 * What stands on disk: keys as their codec has them, and values behind a byte that tells null from others.
 *
 * <pre>
 * offset  width  meaning
 *      0      1  kind: 1 a value, 2 null
 *      1         the value, to the end; nothing for null
 * </pre>
 *
 * <p>A blob that cannot be read back counts as absent. Its value may be of a class that has changed since, or that a filter
 * refuses: a cache that fails for ever on such a key would be worth less than one that loads it anew.
 */
final class StoredValues {

    private static final Logger LOG = LoggerFactory.getLogger(StoredValues.class);

    private static final byte VALUE = 1;
    private static final byte NULL = 2;

    private final String cache;
    private final KeyCodec<Object> keys;
    private final ValueCodec<Object> values;
    private final boolean allowNullValues;
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    StoredValues(String cache, KeyCodec<Object> keys, ValueCodec<Object> values, boolean allowNullValues) {
        this.cache = cache;
        this.keys = keys;
        this.values = values;
        this.allowNullValues = allowNullValues;
    }

    /** Returns the bytes of a key, which never change. */
    byte[] encodeKey(Object key) {
        Objects.requireNonNull(key, "key");
        try {
            byte[] bytes = keys.encode(key);
            return keys.returnsStableKeys() ? bytes : bytes.clone();
        } catch (IllegalArgumentException | ClassCastException e) {
            throw refused("key", key, e);
        }
    }

    /** Returns the blob of a value as Spring stores it. */
    byte[] encode(Object stored) {
        if (stored instanceof NullValue) {
            return new byte[] {NULL};
        }
        try {
            byte[] value = values.encode(stored);
            byte[] blob = new byte[1 + value.length];
            blob[0] = VALUE;
            System.arraycopy(value, 0, blob, 1, value.length);
            return blob;
        } catch (IllegalArgumentException | ClassCastException e) {
            throw refused("value", stored, e);
        }
    }

    private IllegalArgumentException refused(String what, Object object, RuntimeException failure) {
        return new IllegalArgumentException(
                "the cache " + cache + " has no encoding for a " + what + " of " + object.getClass() + ": "
                        + failure.getMessage(),
                failure);
    }

    /** Returns a value as Spring stores it; null if it cannot be read back. */
    @Nullable Object decode(byte[] blob) {
        if (blob.length == 1 && blob[0] == NULL) {
            return allowNullValues ? NullValue.INSTANCE : null;
        }
        try {
            if (blob.length == 0 || blob[0] != VALUE) {
                throw new IllegalArgumentException("it is none of a cache of Spring");
            }
            return values.decode(Arrays.copyOfRange(blob, 1, blob.length));
        } catch (IllegalArgumentException e) {
            if (hasFailed.compareAndSet(false, true)) {
                LOG.warn(
                        "a value of the cache {} cannot be read back, and counts as absent; of others nothing is said",
                        cache,
                        e);
            }
            return null;
        }
    }
}
