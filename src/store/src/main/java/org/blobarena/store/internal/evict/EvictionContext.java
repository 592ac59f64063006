package org.blobarena.store.internal.evict;

import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.cache.IdleTime;
import org.blobarena.store.internal.write.KeptFile;
import org.blobarena.store.internal.write.RecordWriter;
import org.jspecify.annotations.Nullable;

/**
 * What the rounds of eviction share.
 *
 * @param idle null where blobs stay that nobody uses
 * @param kept where records are written again
 * @param committing held while the files of the store and the index change
 */
public record EvictionContext(
        StoreContext store,
        SettledIndex index,
        @Nullable IdleTime idle,
        RecordWriter writer,
        KeptFile kept,
        KeyLocks keyLocks,
        ReentrantLock committing) {}
