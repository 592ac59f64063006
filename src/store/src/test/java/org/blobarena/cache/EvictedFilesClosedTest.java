package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.ForwardingDirectory;
import org.blobarena.arena.internal.io.ForwardingFileHandle;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.QueuedBackground;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;

/** When files are closed that were evicted, which takes the system long. */
class EvictedFilesClosedTest {

    private static final Path PATH = Path.of("cache");
    private static final int BLOBS = 300;

    private final Counting directory = new Counting();
    private final QueuedBackground closing = new QueuedBackground();

    private BlobCache<String> open() throws IOException {
        return TestCaches.tiny(directory)
                .environment(new StoreEnvironment(
                        (path, create) -> directory,
                        HeapLocationIndexFactory.forgetting(),
                        name -> name.endsWith("-eviction-end") ? closing : new TestCaches.Never()))
                .open(PATH);
    }

    @Test
    void theyAreLeftToTheBackgroundWhichHasOneFileWaitingAtMost() throws IOException {
        try (BlobCache<String> cache = open()) {
            int waiting = 0;
            for (int i = 0; i < BLOBS; i++) {
                cache.put("key-" + i, TestStores.blob(700, i));
                assertThat(directory.open.get()).isLessThanOrEqualTo(1);
                waiting += directory.open.get();
                if (i % 2 == 0) {
                    closing.runAll();
                    assertThat(directory.open.get()).isZero();
                }
            }
            assertThat(waiting).isPositive();
            assertThat(directory.opened.get()).isGreaterThan(10);
        }
    }

    @Test
    void theBackgroundMayFallBehind() throws IOException {
        BlobCache<String> cache = open();
        for (int i = 0; i < BLOBS; i++) {
            cache.put("key-" + i, TestStores.blob(700, i));
            assertThat(directory.open.get()).isLessThanOrEqualTo(1);
        }
        assertThat(directory.open.get()).isEqualTo(1);
        assertThat(directory.opened.get()).isGreaterThan(10);
        cache.close();
        assertThat(directory.open.get()).isZero();
    }

    @Test
    void oneThatIsReadWaitsForItsReader() throws IOException {
        try (BlobCache<String> cache = open()) {
            cache.put("read", TestStores.blob(1500, 1));
            try (BlobInputStream stream = cache.openStreamIfPresent("read")) {
                assertThat(stream).isNotNull();
                for (int i = 0; cache.contains("read"); i++) {
                    cache.put("key-" + i, TestStores.blob(700, i));
                }
                closing.runAll();
                assertThat(directory.open.get()).isEqualTo(1);
            }
            assertThat(directory.open.get()).isEqualTo(1);
            closing.runAll();
            assertThat(directory.open.get()).isZero();
        }
    }

    /** Counts what is open to be read without a name: nothing else is opened like that in a cache that is new. */
    private static final class Counting extends ForwardingDirectory {

        private final AtomicInteger opened = new AtomicInteger();
        private final AtomicInteger open = new AtomicInteger();

        private Counting() {
            super(new FaultyDirectory(DiskImage.empty()));
        }

        @Override
        public FileHandle openWrite(String name) throws IOException {
            FileHandle handle = super.openWrite(name);
            opened.incrementAndGet();
            open.incrementAndGet();
            return new ForwardingFileHandle(handle) {

                @Override
                public void close() throws IOException {
                    open.decrementAndGet();
                    super.close();
                }
            };
        }
    }
}
