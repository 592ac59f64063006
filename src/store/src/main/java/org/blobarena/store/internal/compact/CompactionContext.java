package org.blobarena.store.internal.compact;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.write.RateLimit;
import org.blobarena.store.internal.write.RecordWriter;

/**
 * What the rounds of compaction share.
 *
 * @param committing held while the files of the store and the index change
 * @param cancelled true when the round must be given up
 */
record CompactionContext(
        StoreContext store,
        SettledIndex index,
        RecordWriter writer,
        KeyLocks keyLocks,
        Retirement retirement,
        ReentrantLock committing,
        RateLimit rate,
        BooleanSupplier cancelled) {}
