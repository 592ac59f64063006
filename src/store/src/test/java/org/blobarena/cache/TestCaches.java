package org.blobarena.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.engine.StoreBackdoor;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestDirectory;

/** Small caches, and what tests look at in them. */
final class TestCaches {

    static final int FILE_BYTES = 64 * 1024;

    /** Sixteen files of the least length. */
    static final long MAXIMUM_BYTES = 16L * FILE_BYTES;

    static final long TINY_FILE_BYTES = 4096;
    static final long TINY_MAXIMUM_BYTES = 72 * 1024 + 7 * (TINY_FILE_BYTES + 4096);

    private static final int BLOCK_BYTES = 4096;

    private TestCaches() {}

    /** A cache of small files, whose index is on the heap and rebuilt at every opening, and that forces nothing. */
    static BlobCacheBuilder<String> onHeap() {
        return onHeap(HeapLocationIndexFactory.forgetting());
    }

    static BlobCacheBuilder<String> onHeap(LocationIndexFactory indexes) {
        return BlobCache.builder(KeyCodec.utf8())
                .arenaBytesMax(FILE_BYTES)
                .smallMaximumBytes(MAXIMUM_BYTES)
                .environment(new StoreEnvironment(
                        (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)), indexes));
    }

    /** The same without threads, so that what is evicted does not depend on how fast these are. */
    static BlobCacheBuilder<String> alone() {
        return onHeap().environment(new StoreEnvironment(
                (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)),
                HeapLocationIndexFactory.forgetting(),
                name -> new Never()));
    }

    /** The same on a directory of the test's. */
    static BlobCacheBuilder<String> onHeap(Directory directory) {
        return onHeap().environment(
                        new StoreEnvironment((path, create) -> directory, HeapLocationIndexFactory.forgetting()));
    }

    /** The same without threads. */
    static BlobCacheBuilder<String> aloneOn(Directory directory) {
        return onHeap().environment(new StoreEnvironment(
                (path, create) -> directory, HeapLocationIndexFactory.forgetting(), name -> new Never()));
    }

    /** A cache of so few bytes, in files and streams so short that each operation does something to them. */
    static BlobCacheBuilder<String> tiny(Directory directory) {
        BlobCacheBuilder<String> builder = BlobCache.builder(KeyCodec.utf8())
                .smallMaximumBytes(TINY_MAXIMUM_BYTES)
                .durability(Durability.FORCED)
                .environment(new StoreEnvironment(
                        (path, create) -> directory, HeapLocationIndexFactory.forgetting(), name -> new Never()));
        BlobStoreBuilder<String> unused = StoreAccess.streamMemoryBytes(
                StoreAccess.fileBytes(builder.storeWithFiles(TINY_FILE_BYTES), TINY_FILE_BYTES), 256);
        return builder;
    }

    /** The same with so much room that it evicts nothing when it is opened: all shows that a crash has left. */
    static BlobCacheBuilder<String> roomy(Directory directory) {
        return tiny(directory).smallMaximumBytes(2 * TINY_MAXIMUM_BYTES);
    }

    /** Runs nothing: eviction is then done by who writes, and files are sealed when they must be. */
    static final class Never implements Background {

        @Override
        public void execute(Runnable task) {
            // Nobody waits for it.
        }

        @Override
        public Turns executeEvery(long pauseNanos, Runnable task) {
            // Nobody waits for it.
            return Turns.UNRESTING;
        }

        @Override
        public void stop() {
            // Nothing runs.
        }
    }

    static StoreEngine engine(BlobCache<?> cache) {
        return cache.engine();
    }

    /** Ends a cache as the death of its process would. */
    static void crash(BlobCache<?> cache) throws IOException {
        StoreBackdoor.opened().crash(cache.store());
    }

    /** Waits until no eviction runs, and none is due. */
    static void settle(BlobCache<?> cache) throws IOException {
        cache.engine().evictor().catchUp();
    }

    /** What the directory takes in blocks, as {@code du} sees it. */
    static long diskBytes(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> files = entries.toList();
            long bytes = BLOCK_BYTES;
            for (Path file : files) {
                bytes += blocks(sizeOf(file));
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    private static long blocks(long bytes) {
        return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }
}
