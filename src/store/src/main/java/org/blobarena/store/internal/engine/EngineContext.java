package org.blobarena.store.internal.engine;

import org.blobarena.store.internal.compact.Compactor;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.write.RecordWriter;

/** What the operations of an open store share. */
record EngineContext(
        StoreContext store,
        SettledIndex index,
        Presence presence,
        RecordWriter writer,
        BlockCodec codec,
        KeyLocks keyLocks,
        Compactor compactor,
        OperationGate gate) {}
