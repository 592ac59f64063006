package org.blobarena.store.internal.core;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a store have changed since that was last asked, so that who adds up what they hold need not look at all of
 * them.
 *
 * <p>A file that has changed is in the list once, however often that is noted, and to note it takes no memory and no lock.
 * Who takes a file out looks at it afterwards: what changes later puts it in again. Safe from any thread.
 */
public final class FileChanges {

    private final AtomicReference<@Nullable StoreFile> newest = new AtomicReference<>();
    private final Runnable whenRemoved;

    /** @param whenRemoved run whenever a file is taken out of the store, which had better be forgotten then */
    public FileChanges(Runnable whenRemoved) {
        this.whenRemoved = whenRemoved;
    }

    /** Only for files that are not in the list. */
    void add(StoreFile file) {
        StoreFile next;
        do {
            next = newest.get();
            file.setNextChanged(next);
        } while (!newest.compareAndSet(next, file));
    }

    void removed(StoreFile file) {
        file.changed();
        whenRemoved.run();
    }

    /** Empties the list, and tells what it had. */
    public void take(Consumer<StoreFile> target) {
        StoreFile file = newest.getAndSet(null);
        while (file != null) {
            StoreFile next = file.nextChanged();
            file.setNextChanged(null);
            file.awaitChange();
            target.accept(file);
            file = next;
        }
    }
}
