package org.blobarena.jcache;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Who is told what happens to entries. Synchronous listeners are told while the lock of the key is held, the others by one
 * thread that gets the events in that order; so each is told what happens to a key in the order in which it happened.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class Listeners<K, V> {

    private final List<Registration<K, V>> registrations = new CopyOnWriteArrayList<>();
    private final Background background;

    Listeners(Background background) {
        this.background = background;
    }

    boolean isEmpty() {
        return registrations.isEmpty();
    }

    void register(CacheEntryListenerConfiguration<K, V> configuration) {
        registrations.add(new Registration<>(configuration));
    }

    void deregister(CacheEntryListenerConfiguration<K, V> configuration) {
        for (Registration<K, V> each : List.copyOf(registrations)) {
            if (each.configuration().equals(configuration) && registrations.remove(each)) {
                close(each);
            }
        }
    }

    /**
     * Tells all listeners.
     *
     * @throws RuntimeException what the first failed with that is synchronous; the others were told as well
     */
    void tell(List<JCacheEvent<K, V>> events) {
        @Nullable Throwable failure = null;
        for (Registration<K, V> each : registrations) {
            if (!each.isSynchronous()) {
                events.forEach(event -> background.events().execute(() -> each.tellQuietly(event)));
                continue;
            }
            for (JCacheEvent<K, V> event : events) {
                try {
                    each.tell(event);
                } catch (RuntimeException | Error e) {
                    failure = failure == null ? e : withSuppressed(failure, e);
                }
            }
        }
        if (failure instanceof Error error) {
            throw error;
        } else if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private static Throwable withSuppressed(Throwable failure, Throwable second) {
        if (failure != second) {
            failure.addSuppressed(second);
        }
        return failure;
    }

    void close() {
        for (Registration<K, V> each : List.copyOf(registrations)) {
            if (registrations.remove(each)) {
                close(each);
            }
        }
    }

    /** After the events that it is yet to be told. */
    private void close(Registration<K, V> registration) {
        ExecutorService events = background.eventsIfAny();
        if (registration.isSynchronous() || events == null) {
            registration.close();
        } else {
            events.execute(registration::close);
        }
    }
}
