package org.blobarena.store;

import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.internal.follow.TemporaryIndexes;
import org.blobarena.store.internal.recovery.StoreEnvironment;

/** What tests of every package reach of a store that its users do not. */
public final class StoreAccess {

    private StoreAccess() {}

    /** Replaces the file system, the index and the threads. */
    public static <K> BlobStoreBuilder<K> environment(BlobStoreBuilder<K> builder, StoreEnvironment environment) {
        return builder.environment(environment);
    }

    /** Replaces the file system, the threads and the indexes of a reader, which are made by a factory in no directory. */
    public static <K> ReadOnlyBlobStoreBuilder<K> environment(
            ReadOnlyBlobStoreBuilder<K> builder, StoreEnvironment environment, LocationIndexFactory indexes) {
        return builder.environment(environment, new TemporaryIndexes() {
            @Override
            public LocationIndex create(long expectedKeys) throws IOException {
                return indexes.create(Path.of("index-" + expectedKeys), expectedKeys);
            }

            @Override
            public void close() {}
        });
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
