package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A directory whose forces serve all threads that have changed names: who forces what another thread's force has covered does
 * nothing, and who comes while a force runs waits for it and then looks again.
 *
 * <p>What counts are the changes that are made through this object, since it was made. A force covers those that were complete
 * when it began; what it does not cover, or has failed to, is left to the next. Safe from any thread.
 */
public final class SharingDirectory extends ForwardingDirectory {

    private final ReentrantLock forcing = new ReentrantLock();
    private final AtomicLong changes = new AtomicLong(1); // What was changed before is not forced.
    private volatile long forced;

    /**
     * Passes on everything but forces that have nothing to do.
     *
     * @param delegate the other one
     */
    public SharingDirectory(Directory delegate) {
        super(delegate);
    }

    @Override
    public FileHandle create(String name) throws IOException {
        try {
            return super.create(name);
        } finally {
            changed(); // Also after a failure, which may have come behind the change.
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        try {
            super.rename(from, to);
        } finally {
            changed();
        }
    }

    @Override
    public boolean link(String name, Directory target) throws IOException {
        try {
            return super.link(name, target);
        } finally {
            if (target instanceof SharingDirectory sharing) {
                sharing.changed();
            }
        }
    }

    @Override
    public void delete(String name) throws IOException {
        try {
            super.delete(name);
        } finally {
            changed();
        }
    }

    private void changed() {
        changes.incrementAndGet();
    }

    @Override
    public void force() throws IOException {
        long wanted = changes.get();
        if (forced >= wanted) {
            return;
        }
        forcing.lock();
        try {
            if (forced < wanted) {
                long covered = changes.get();
                super.force();
                forced = covered;
            }
        } finally {
            forcing.unlock();
        }
    }
}
