package org.blobarena.jcache;

import java.util.Objects;
import javax.cache.processor.EntryProcessorException;
import javax.cache.processor.EntryProcessorResult;
import javax.cache.processor.MutableEntry;
import org.jspecify.annotations.Nullable;

/**
 * An entry in the hands of a processor. What it does is done when it has ended, so that nothing is done if it fails.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class ProcessedEntry<K, V> implements MutableEntry<K, V> {

    /** What is to be done. */
    private enum Change {
        NOTHING,
        USE,
        LOAD,
        SET,
        REMOVE
    }

    private final KeyAccess<K, V> access;
    private final Loading<K, V> loading;
    private final Statistics statistics;
    private Change change = Change.NOTHING;
    private @Nullable V changed;

    ProcessedEntry(KeyAccess<K, V> access, Loading<K, V> loading, Statistics statistics) {
        this.access = access;
        this.loading = loading;
        this.statistics = statistics;
    }

    @Override
    public K getKey() {
        return access.key();
    }

    @Override
    public boolean exists() {
        return switch (change) {
            case NOTHING, USE -> access.exists();
            case LOAD, SET -> true;
            case REMOVE -> false;
        };
    }

    @Override
    public @Nullable V getValue() {
        return switch (change) {
            case NOTHING, USE -> used();
            case LOAD, SET -> changed;
            case REMOVE -> null;
        };
    }

    private @Nullable V used() {
        if (access.exists()) {
            change = Change.USE;
            return access.value();
        }
        if (loading.isReadThrough()) {
            changed = loading.load(access.key());
            change = changed == null ? Change.NOTHING : Change.LOAD;
        }
        return changed;
    }

    @Override
    public void setValue(V value) {
        changed = Objects.requireNonNull(value, "value");
        change = Change.SET;
    }

    @Override
    public void remove() {
        boolean neverThere = !access.exists() && (change == Change.SET || change == Change.LOAD);
        change = neverThere ? Change.NOTHING : Change.REMOVE;
        changed = null;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        return JCacheEntry.unwrap(this, type);
    }

    /** Does what the processor wants. */
    void apply() {
        long start = statistics.start();
        V value = changed;
        if (change == Change.USE) {
            access.use();
        } else if (change == Change.REMOVE) {
            loading.delete(access.key());
            statistics.removed(start, access.remove() ? 1 : 0);
        } else if (change == Change.LOAD && value != null) {
            access.putLoaded(value);
        } else if (change == Change.SET && value != null) {
            loading.write(access.key(), value);
            statistics.put(start, access.put(value) ? 1 : 0);
        }
    }

    /**
     * What a processor returned, or failed with.
     *
     * @param <T> the type of results
     */
    record Result<T>(@Nullable T result, @Nullable EntryProcessorException failure) implements EntryProcessorResult<T> {

        @Override
        public @Nullable T get() {
            if (failure != null) {
                throw failure;
            }
            return result;
        }
    }
}
