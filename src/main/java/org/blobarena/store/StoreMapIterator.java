package org.blobarena.store;

import java.lang.ref.Cleaner;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.function.Function;
import org.blobarena.index.LocationIndex;
import org.jspecify.annotations.Nullable;

/**
 * An iterator of a {@link StoreMap}, that can remove and that nobody closes: its cursor is closed at the end, or when the
 * iterator is given up and collected.
 *
 * @param <T> keys or entries
 */
final class StoreMapIterator<T> implements Iterator<T> {

    private static final Cleaner CLEANER = Cleaner.create();

    private final Iterator<T> delegate;
    private final Consumer<T> remover;
    private final Cleaner.Cleanable cursor;
    private @Nullable T last;

    StoreMapIterator(StoreEngine engine, Function<LocationIndex.Cursor, Iterator<T>> iterators, Consumer<T> remover) {
        LocationIndex.Cursor opened = engine.cursor();
        this.delegate = iterators.apply(opened);
        this.remover = remover;
        this.cursor = CLEANER.register(this, opened::close);
    }

    @Override
    public boolean hasNext() {
        boolean more = delegate.hasNext();
        if (!more) {
            cursor.clean();
        }
        return more;
    }

    @Override
    public T next() {
        T next = delegate.next();
        last = next;
        return next;
    }

    @Override
    public void remove() {
        T removed = last;
        if (removed == null) {
            throw new IllegalStateException("there is no element to remove");
        }
        last = null;
        remover.accept(removed);
    }
}
