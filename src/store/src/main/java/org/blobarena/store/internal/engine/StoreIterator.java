package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.internal.core.IndexedKey;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the keys of the index stand for, chunk by chunk in the order of the disk. For one thread.
 *
 * @param <T> what is read of each key
 */
public final class StoreIterator<T> implements Iterator<T> {

    private final StoreReads reads;
    private final LocationIndex.Cursor cursor;
    private final ReadOf<T> readOf;
    private Iterator<IndexedKey> chunk = Collections.emptyIterator();
    private boolean ended;
    private @Nullable T next;

    public StoreIterator(StoreReads reads, LocationIndex.Cursor cursor, ReadOf<T> readOf) {
        this.reads = reads;
        this.cursor = cursor;
        this.readOf = readOf;
    }

    /**
     * What is read of a key.
     *
     * @param <T> the result
     */
    @FunctionalInterface
    public interface ReadOf<T> {

        /** Null when the key was removed. */
        @Nullable T read(IndexedKey found) throws IOException;
    }

    @Override
    public boolean hasNext() {
        while (next == null && !ended) {
            if (chunk.hasNext()) {
                next = read(chunk.next());
            } else {
                List<IndexedKey> following = nextChunk();
                ended = following == null;
                chunk = following == null ? Collections.emptyIterator() : following.iterator();
            }
        }
        return next != null;
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        T result = next;
        next = null;
        return Objects.requireNonNull(result);
    }

    private @Nullable List<IndexedKey> nextChunk() {
        try {
            return reads.nextChunk(cursor);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable T read(IndexedKey found) {
        try {
            return readOf.read(found);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
