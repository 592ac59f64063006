package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.core.BackgroundThread;

/**
 * What a store runs on: the file system, the index and the threads. Tests replace each of them.
 *
 * @param directories finds or makes the directory of a store
 * @param index decides who opens its index
 * @param backgrounds starts a thread of this name
 */
public record StoreEnvironment(
        DirectoryFactory directories, IndexChoice index, Function<String, Background> backgrounds) {

    public StoreEnvironment(DirectoryFactory directories, IndexChoice index) {
        this(directories, index, BackgroundThread::new);
    }

    /** With indexes of one kind, whatever a store had. */
    public StoreEnvironment(DirectoryFactory directories, LocationIndexFactory indexes) {
        this(directories, indexes, BackgroundThread::new);
    }

    /** With indexes of one kind, whatever a store had. */
    public StoreEnvironment(
            DirectoryFactory directories, LocationIndexFactory indexes, Function<String, Background> backgrounds) {
        this(directories, present -> indexes, backgrounds);
    }

    /** Finds or makes the directory of a store. */
    @FunctionalInterface
    public interface DirectoryFactory {

        Directory open(Path path, boolean create) throws IOException;
    }
}
