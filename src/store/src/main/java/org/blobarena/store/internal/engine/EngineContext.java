package org.blobarena.store.internal.engine;

import org.blobarena.store.internal.compact.Compactor;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.cache.IdleTime;
import org.blobarena.store.internal.evict.Evictor;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.write.RecordWriter;
import org.blobarena.store.internal.write.StreamFiles;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of an open store share.
 *
 * @param idle null where blobs stay that nobody uses
 * @param evictor null in a store that keeps what it has
 */
record EngineContext(
        StoreContext store,
        SettledIndex index,
        Presence presence,
        @Nullable IdleTime idle,
        RecordWriter writer,
        BlockCodec codec,
        KeyLocks keyLocks,
        StreamFiles streamFiles,
        Compactor compactor,
        @Nullable Evictor evictor,
        OperationGate gate) {}
