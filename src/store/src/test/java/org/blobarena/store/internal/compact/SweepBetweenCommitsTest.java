package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.ForwardingDirectory;
import org.blobarena.arena.internal.io.ForwardingFileHandle;
import org.blobarena.format.FileNames;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.ManualBackground;
import org.blobarena.store.testing.SteppedIndexes;
import org.blobarena.store.testing.TestClock;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;

/** Figures that are asked for between the two attempts of a compaction to point the index at its copies. */
class SweepBetweenCommitsTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final TestClock clock = new TestClock();
    private final SteppedIndexes indexes = new SteppedIndexes();
    private volatile boolean firstFileFails;

    /** A directory whose first arena file cannot be read for a while. */
    private final class UnreadableDirectory extends ForwardingDirectory {

        private UnreadableDirectory() {
            super(new FaultyDirectory(DiskImage.empty()));
        }

        @Override
        public FileHandle openRead(String name) throws IOException {
            return new ForwardingFileHandle(super.openRead(name)) {
                @Override
                public int read(ByteBuffer target, long position) throws IOException {
                    if (firstFileFails && name.equals(FileNames.arena(1))) {
                        throw new IOException("Input/output error");
                    }
                    return super.read(target, position);
                }
            };
        }
    }

    @Test
    void blobThatExpiresBetweenThemLeavesTheIndexAfterTheSecond() throws IOException {
        UnreadableDirectory directory = new UnreadableDirectory();
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> directory,
                indexes.around(HeapLocationIndexFactory.forgetting()),
                name -> new ManualBackground());
        try (BlobStore<String> store = StoreAccess.environment(TestStores.onHeap(), environment)
                .clock(clock)
                .open(Path.of("store"))) {
            for (int i = 0; i < 20; i++) {
                store.put("dead" + i, TestStores.blob(1000, i));
                store.put("expires" + i, TestStores.blob(1000, i), Expiry.after(HOUR));
            }
            for (int i = 0; i < 20; i++) {
                store.remove("dead" + i);
            }
            AtomicInteger moves = new AtomicInteger();
            indexes.before((step, key) -> {
                if (step.equals("replaceIfEqual") && moves.incrementAndGet() == 1) {
                    throw new OutOfMemoryError("thrown by a test");
                }
            });
            assertThatThrownBy(store::compact).hasStackTraceContaining("thrown by a test");
            assertThat(moves).hasValue(1);
            clock.advance(HOUR);
            firstFileFails = true;
            assertThat(store.stats().keys()).isEqualTo(20);
            firstFileFails = false;

            store.compact();

            assertThat(moves).hasValueGreaterThan(1);
            assertThat(store.stats().keys()).isZero();
        }
    }
}
