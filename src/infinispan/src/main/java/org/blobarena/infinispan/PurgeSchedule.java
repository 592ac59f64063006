package org.blobarena.infinispan;

import org.blobarena.store.api.Expiry;

/**
 * When the next entry expires, so that purges in between cost nothing. Not known at the start, after which the first purge
 * looks at every entry. Safe for use by multiple threads.
 */
final class PurgeSchedule {

    private long nextMillis = Long.MIN_VALUE;

    /** One look at all entries, from {@link #begin} to {@link Purge#end}. For one thread at a time. */
    final class Purge {
        private final long nowMillis;
        private final boolean due;
        private long keptMillis = Long.MAX_VALUE;
        private boolean complete;

        private Purge(long nowMillis, boolean due) {
            this.nowMillis = nowMillis;
            this.due = due;
        }

        long nowMillis() {
            return nowMillis;
        }

        /** Whether an entry may have expired. */
        boolean isDue() {
            return due;
        }

        /** An entry has not expired yet. */
        void kept(long expiryMillis) {
            keptMillis = Math.min(keptMillis, expiryMillis);
        }

        /** All entries have been looked at. */
        void complete() {
            complete = true;
        }

        /** Unless all have been looked at, the next purge begins anew. */
        void end() {
            if (due) {
                next(complete ? keptMillis : Long.MIN_VALUE);
            }
        }
    }

    synchronized Purge begin(long nowMillis) {
        boolean due = nextMillis <= nowMillis;
        if (due) {
            nextMillis = Long.MAX_VALUE; // What is written from now on lowers it.
        }
        return new Purge(nowMillis, due);
    }

    /** An entry has been written, which expires. */
    void written(Expiry expiry) {
        if (!expiry.isNever()) {
            next(expiry.millisFrom(java.time.InstantSource.system()));
        }
    }

    private synchronized void next(long millis) {
        nextMillis = Math.min(nextMillis, millis);
    }
}
