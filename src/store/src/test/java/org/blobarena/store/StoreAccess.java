package org.blobarena.store;

import java.io.IOException;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.internal.recovery.StoreEnvironment;

/** What tests of every package reach of a store that its users do not. */
public final class StoreAccess {

    private StoreAccess() {}

    /** Replaces the file system, the index and the threads. */
    public static <K> BlobStoreBuilder<K> environment(BlobStoreBuilder<K> builder, StoreEnvironment environment) {
        return builder.environment(environment);
    }

    /** Sets how much of a stream is kept in memory, and so from which length on blobs are written aside. */
    public static <K> BlobStoreBuilder<K> streamMemoryBytes(BlobStoreBuilder<K> builder, int bytes) {
        return builder.streamMemoryBytes(bytes);
    }

    /** Sets the limit of arena files lower than users may. */
    public static <K> BlobStoreBuilder<K> fileBytes(BlobStoreBuilder<K> builder, long bytes) {
        return builder.fileBytes(bytes);
    }

    public static StoreEngine engine(BlobStore<?> store) {
        return store.engine();
    }

    /** Ends a store as the death of its process would. */
    public static void crash(BlobStore<?> store) throws IOException {
        store.crash();
    }
}
