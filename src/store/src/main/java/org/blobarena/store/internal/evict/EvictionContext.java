package org.blobarena.store.internal.evict;

import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.store.internal.compact.Retirement;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.write.KeptFile;
import org.blobarena.store.internal.write.RecordWriter;

/**
 * What the rounds of eviction share.
 *
 * @param kept where records are written again
 * @param committing held while the files of the store and the index change
 */
public record EvictionContext(
        StoreContext store,
        SettledIndex index,
        RecordWriter writer,
        KeptFile kept,
        KeyLocks keyLocks,
        Retirement retirement,
        ReentrantLock committing) {}
