package org.blobarena.store.crypt;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Supplies the keys of an encrypted store. Each has an id, so that it can be replaced: files that are begun are encrypted with
 * the {@linkplain #currentKeyId current} key, and those that were begun with another need that one until compaction has
 * moved what they hold.
 *
 * <p>A store asks for a key when it first meets its id, while it is opened; one that is read beside its writer also when it
 * is refreshed. Safe from any thread.
 */
public interface KeySource {

    /** Bytes of a key: AES-256. */
    int KEY_BYTES = 32;

    /**
     * The key for what is written from now on. A store asks once, when it is opened.
     *
     * @return its id, 1 to 2^31 - 1; never used for two different keys
     */
    int currentKeyId();

    /**
     * A key.
     *
     * @param keyId its id
     * @return {@value #KEY_BYTES} bytes that nobody can guess, as from a {@link java.security.SecureRandom}: never a
     *     password, nor the hash of one. The array stays the caller's and is not changed. Null if there is no such key (any
     *     more): then what needs it throws {@link StoreKeyException}
     */
    byte @Nullable [] key(int keyId);

    /**
     * Supplies one key.
     *
     * @param keyId its id, 1 to 2^31 - 1
     * @param key {@value #KEY_BYTES} bytes, of which a copy is kept
     * @return a source of that key alone
     * @throws IllegalArgumentException if the id or the length is another
     */
    static KeySource of(int keyId, byte[] key) {
        return of(Map.of(keyId, key));
    }

    /**
     * Supplies several keys, of which the one of the greatest id is the current one.
     *
     * @param keys {@value #KEY_BYTES} bytes each, of which copies are kept, by their ids, 1 to 2^31 - 1; at least one
     * @return a source of those keys
     * @throws IllegalArgumentException if there is none, or an id or a length is another
     */
    static KeySource of(Map<Integer, byte[]> keys) {
        TreeMap<Integer, byte[]> copies = new TreeMap<>();
        keys.forEach((id, key) -> {
            if (id < 1) {
                throw new IllegalArgumentException("the id of a key is " + id + ", not 1 to " + Integer.MAX_VALUE);
            }
            if (key.length != KEY_BYTES) {
                throw new IllegalArgumentException("key " + id + " has " + key.length + " bytes, not " + KEY_BYTES);
            }
            copies.put(id, key.clone());
        });
        if (copies.isEmpty()) {
            throw new IllegalArgumentException("there is no key");
        }
        int current = copies.lastKey();
        return new KeySource() {
            @Override
            public int currentKeyId() {
                return current;
            }

            @Override
            public byte @Nullable [] key(int keyId) {
                byte[] key = copies.get(keyId);
                return key == null ? null : key.clone();
            }

            @Override
            public String toString() {
                return "KeySource" + copies.keySet();
            }
        };
    }
}
