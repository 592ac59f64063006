package org.blobarena.store;

import java.util.Iterator;
import java.util.function.Consumer;
import java.util.function.Function;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.leak.LeakWatch;
import org.blobarena.store.internal.core.leak.Watched;
import org.blobarena.store.internal.engine.StoreReads;
import org.jspecify.annotations.Nullable;

/**
 * An iterator of a {@link StoreMap}, that can remove and that nobody closes: its cursor is closed at the end, or when the
 * iterator is given up and collected. What it removes is known by the bytes of the key that were read: the user may have
 * changed what he got.
 *
 * @param <T> keys or entries
 */
final class StoreMapIterator<T> implements Iterator<T> {

    private final Iterator<Element<T>> delegate;
    private final Consumer<EncodedKey> remover;
    private final LocationIndex.Cursor cursor;
    private final Watched watched;
    private @Nullable EncodedKey last;

    /**
     * What is given, and the key of it.
     *
     * @param <T> keys or entries
     */
    record Element<T>(EncodedKey key, T given) {}

    StoreMapIterator(
            StoreReads reads,
            Function<LocationIndex.Cursor, Iterator<Element<T>>> iterators,
            Consumer<EncodedKey> remover) {
        LocationIndex.Cursor opened = reads.cursor();
        this.delegate = iterators.apply(opened);
        this.remover = remover;
        this.cursor = opened;
        this.watched = LeakWatch.shared().watchQuietly(this, opened);
    }

    @Override
    public boolean hasNext() {
        boolean more = delegate.hasNext();
        if (!more && watched.end()) {
            cursor.close();
        }
        return more;
    }

    @Override
    public T next() {
        return nextElement().given;
    }

    Element<T> nextElement() {
        Element<T> next = delegate.next();
        last = next.key;
        return next;
    }

    @Override
    public void remove() {
        EncodedKey removed = last;
        if (removed == null) {
            throw new IllegalStateException("there is no element to remove");
        }
        last = null;
        remover.accept(removed);
    }
}
