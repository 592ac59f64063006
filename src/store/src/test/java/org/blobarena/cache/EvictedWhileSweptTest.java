package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.ForwardingDirectory;
import org.blobarena.arena.internal.io.ForwardingFileHandle;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.testing.TestClock;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Files that are evicted while somebody looks for expired blobs in them. */
class EvictedWhileSweptTest {

    private static final Path PATH = Path.of("cache");
    private static final Duration HOUR = Duration.ofHours(1);

    private final AtomicReference<@Nullable Runnable> beforeNextRead = new AtomicReference<>();
    private final TestClock clock = new TestClock();

    /** A directory in which something can happen before a read. */
    private final class ReadDirectory extends ForwardingDirectory {

        private ReadDirectory() {
            super(new FaultyDirectory(DiskImage.empty()));
        }

        @Override
        public FileHandle openRead(String name) throws IOException {
            return new ForwardingFileHandle(super.openRead(name)) {
                @Override
                public int read(ByteBuffer target, long position) throws IOException {
                    Runnable action = beforeNextRead.getAndSet(null);
                    if (action != null) {
                        action.run();
                    }
                    return super.read(target, position);
                }
            };
        }
    }

    @Test
    void figuresAreToldOfFilesThatGoMeanwhile() throws IOException {
        try (BlobCache<String> cache =
                TestCaches.tiny(new ReadDirectory()).clock(clock).open(PATH)) {
            for (int i = 0; i < 130; i++) {
                cache.put("key-" + i, TestStores.blob(100, i), Expiry.after(HOUR));
            }
            clock.advance(HOUR);
            beforeNextRead.set(() -> invalidateAll(cache));

            assertThat(cache.store().stats().keys()).isZero();

            assertThat(beforeNextRead.get()).as("the sweep has read").isNull();
            assertThat(cache.size()).isZero();
            cache.put("after", TestStores.blob(100, 1));
            assertThat(cache.store().stats().keys()).isEqualTo(1);
        }
    }

    private static void invalidateAll(BlobCache<String> cache) {
        try {
            cache.invalidateAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
