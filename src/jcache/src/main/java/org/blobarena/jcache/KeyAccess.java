package org.blobarena.jcache;

import java.util.List;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.event.EventType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done to one key while its lock is held. An entry that has expired is removed at once, and counts as absent. What
 * happens is noted as events, for the listeners.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class KeyAccess<K, V> {

    /**
     * What all keys of a cache have in common.
     *
     * @param source the cache, as listeners see it
     */
    record Shared<K, V>(Cache<K, V> source, Records<K, V> records, Expiries expiries, Listeners<K, V> listeners) {}

    private static final Logger LOG = LoggerFactory.getLogger(KeyAccess.class);

    private final Shared<K, V> shared;
    private final K key;
    private final byte[] bytes;
    private final List<JCacheEvent<K, V>> events;
    private @Nullable StoredValue stored;
    private @Nullable V value;

    /** Reads what there is. */
    KeyAccess(Shared<K, V> shared, K key, byte[] bytes, List<JCacheEvent<K, V>> events) {
        this.shared = shared;
        this.key = key;
        this.bytes = bytes;
        this.events = events;
        read();
    }

    private void read() {
        StoredValue found = shared.records.read(bytes);
        if (found == null) {
            return;
        }
        if (found.hasExpired(shared.expiries.now())) {
            shared.records.remove(bytes);
            note(EventType.EXPIRED, null, shared.listeners.isEmpty() ? null : shared.records.decode(found));
            return;
        }
        value = shared.records.decode(found);
        stored = value == null ? null : found;
    }

    K key() {
        return key;
    }

    /** Returns the value, of the caller's own; null if the key is absent. */
    @Nullable V value() {
        return value;
    }

    boolean exists() {
        return stored != null;
    }

    /** Says that the value was used, for the expiry. */
    void use() {
        if (stored != null) {
            useUntil(shared.expiries.atAccess());
        }
    }

    /** Gives the entry, if there is one, the moment that the policy has told for a use. */
    void useUntil(long moment) {
        if (stored == null || !shared.expiries.isWorthWriting(stored.expiresAt(), moment)) {
            return;
        }
        if (moment <= shared.expiries.now()) {
            expire();
        } else {
            stored = stored.withExpiresAt(moment);
            shared.records.write(bytes, stored);
        }
    }

    /**
     * Stores a value.
     *
     * @return whether the entry is there now, or was; not if it was new, and expired at once
     */
    boolean put(V put) {
        byte[] encoded = shared.records.encodeValue(put);
        V old = value;
        boolean existed = stored != null;
        long moment = existed ? shared.expiries.atUpdate() : shared.expiries.atCreation();
        if (stored != null && moment == Expiries.AS_IT_IS) {
            moment = stored.expiresAt();
        }
        boolean expires = moment <= shared.expiries.now();
        if (!existed && expires) {
            return false;
        }
        stored = StoredValue.of(moment, encoded);
        value = shared.listeners.isEmpty() ? put : shared.records.decode(stored);
        if (expires) {
            note(EventType.UPDATED, value, old);
            expire();
            return true;
        }
        shared.records.write(bytes, stored);
        note(existed ? EventType.UPDATED : EventType.CREATED, value, old);
        return true;
    }

    /** Stores a value that was loaded, if it can be stored: whoever asked for it gets it all the same. */
    void putLoaded(V loaded) {
        try {
            boolean unused = put(loaded);
        } catch (CacheException e) {
            LOG.warn("what was loaded is not stored: {}", e.getMessage());
        }
    }

    private void expire() {
        shared.records.remove(bytes);
        note(EventType.EXPIRED, null, value);
        forget();
    }

    /** Removes the entry; returns whether there was one. */
    boolean remove() {
        if (stored == null) {
            return false;
        }
        shared.records.remove(bytes);
        note(EventType.REMOVED, null, value);
        forget();
        return true;
    }

    private void forget() {
        stored = null;
        value = null;
    }

    /** Of what is gone, the old value stands for the value. */
    private void note(EventType type, @Nullable V now, @Nullable V old) {
        if (!shared.listeners.isEmpty()) {
            K told = shared.records.decodeKey(bytes);
            events.add(new JCacheEvent<>(shared.source, type, told == null ? key : told, now == null ? old : now, old));
        }
    }
}
