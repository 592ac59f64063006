package org.blobarena.jcache;

import java.util.List;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Factory;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryEventFilter;
import javax.cache.event.CacheEntryExpiredListener;
import javax.cache.event.CacheEntryListener;
import javax.cache.event.CacheEntryListenerException;
import javax.cache.event.CacheEntryRemovedListener;
import javax.cache.event.CacheEntryUpdatedListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener with its filter, made by the factories of its configuration.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class Registration<K, V> {

    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);

    private final CacheEntryListenerConfiguration<K, V> configuration;
    private final CacheEntryListener<? super K, ? super V> listener;
    private final @Nullable CacheEntryEventFilter<? super K, ? super V> filter;

    Registration(CacheEntryListenerConfiguration<K, V> configuration) {
        this.configuration = configuration;
        this.listener = configuration.getCacheEntryListenerFactory().create();
        Factory<CacheEntryEventFilter<? super K, ? super V>> filters = configuration.getCacheEntryEventFilterFactory();
        this.filter = filters == null ? null : filters.create();
    }

    CacheEntryListenerConfiguration<K, V> configuration() {
        return configuration;
    }

    boolean isSynchronous() {
        return configuration.isSynchronous();
    }

    /**
     * Tells the listener of an event that its filter takes.
     *
     * @throws CacheEntryListenerException if it failed with an exception; an error is thrown as it is
     */
    void tell(JCacheEvent<K, V> event) {
        try {
            if (filter == null || filter.evaluate(event)) {
                call(event);
            }
        } catch (CacheEntryListenerException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CacheEntryListenerException(e);
        }
    }

    private void call(JCacheEvent<K, V> event) {
        Iterable<CacheEntryEvent<? extends K, ? extends V>> events = List.of(event);
        switch (event.getEventType()) {
            case CREATED -> {
                if (listener instanceof CacheEntryCreatedListener) {
                    this.<CacheEntryCreatedListener<K, V>>as().onCreated(events);
                }
            }
            case UPDATED -> {
                if (listener instanceof CacheEntryUpdatedListener) {
                    this.<CacheEntryUpdatedListener<K, V>>as().onUpdated(events);
                }
            }
            case REMOVED -> {
                if (listener instanceof CacheEntryRemovedListener) {
                    this.<CacheEntryRemovedListener<K, V>>as().onRemoved(events);
                }
            }
            case EXPIRED -> {
                if (listener instanceof CacheEntryExpiredListener) {
                    this.<CacheEntryExpiredListener<K, V>>as().onExpired(events);
                }
            }
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"
    }) // Of the types of entries, which the listener takes.
    private <L extends CacheEntryListener<K, V>> L as() {
        return (L) listener;
    }

    void tellQuietly(JCacheEvent<K, V> event) {
        try {
            tell(event);
        } catch (RuntimeException | Error e) { // The thread has others to tell.
            LOG.warn("a listener failed", e);
        }
    }

    void close() {
        Closing.quietly(listener);
        Closing.quietly(filter);
    }
}
