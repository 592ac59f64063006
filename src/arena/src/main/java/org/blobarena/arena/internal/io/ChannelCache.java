package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashSet;

/**
 * The descriptors that reading holds open, of which there are so many at most. Opening one more closes one that has not
 * been read lately; its file is opened again when it is next read.
 *
 * <p>Which one is found by the clock algorithm (second chance): one that was read since the hand last passed is spared
 * once. Those that are being read at this moment are never closed, so the bound is exceeded by at most the number of
 * threads that read at once.
 *
 * <p>The only descriptor of a file that cannot be opened again is pinned: it counts, and others are closed for it, but it
 * stays open itself.
 *
 * <p>Safe from any thread. The lock is taken to open and close files only, never for a read of an open one.
 */
public final class ChannelCache {

    private final int max;
    private final LinkedHashSet<FileReader.Channel> clock = new LinkedHashSet<>();
    private int pinned;
    private volatile int open;

    /**
     * An empty cache.
     *
     * @param max the largest number of descriptors, 1 or more
     */
    public ChannelCache(int max) {
        this.max = max;
    }

    /**
     * Returns the bound.
     *
     * @return descriptors, 1 or more
     */
    public int max() {
        return max;
    }

    /**
     * Returns how many of the descriptors are open, pinned ones included.
     *
     * @return descriptors, 0 or more
     */
    public int open() {
        return open;
    }

    /** Returns whether a hot file may have a second descriptor: only while half of the bound is free. */
    boolean hasPlenty() {
        return open < max / 2;
    }

    void opened(FileReader.Channel channel) {
        synchronized (clock) {
            clock.add(channel);
            closeBeyondBound();
        }
    }

    /** One more descriptor is open that must not be closed. */
    void pin() {
        synchronized (clock) {
            pinned++;
            closeBeyondBound();
        }
    }

    /** With the lock. */
    private void closeBeyondBound() {
        for (int chances = 2 * clock.size(); clock.size() + pinned > max && chances > 0; chances--) {
            Iterator<FileReader.Channel> hand = clock.iterator();
            FileReader.Channel next = hand.next();
            hand.remove();
            if (next.wasReadSinceLastAsked() || !closeIfIdle(next)) {
                clock.add(next);
            }
        }
        open = clock.size() + pinned;
    }

    /** An error here would fail a read of another file, and a file that was only read loses nothing by it. */
    private static boolean closeIfIdle(FileReader.Channel channel) {
        try {
            return channel.closeIfIdle();
        } catch (IOException e) {
            return true;
        }
    }

    void closed(FileReader.Channel channel) {
        synchronized (clock) {
            clock.remove(channel);
            open = clock.size() + pinned;
        }
    }

    /** A pinned descriptor is closed. */
    void unpin() {
        synchronized (clock) {
            pinned--;
            open = clock.size() + pinned;
        }
    }
}
