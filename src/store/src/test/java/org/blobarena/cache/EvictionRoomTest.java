package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.ForwardingDirectory;
import org.blobarena.store.internal.evict.Evictor;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;

/** What a cache takes on disk while a file is evicted. */
class EvictionRoomTest {

    private static final int BLOB_BYTES = 4096;

    /** Runs something in each force behind a deletion of an arena file. */
    private static final class WatchedDirectory extends ForwardingDirectory {

        private boolean deleted;
        private Runnable forced = () -> {};

        private WatchedDirectory() {
            super(new FaultyDirectory(DiskImage.empty()));
        }

        @Override
        public void delete(String name) throws IOException {
            super.delete(name);
            deleted |= name.endsWith(".arena");
        }

        @Override
        public void force() throws IOException {
            if (deleted) {
                deleted = false;
                forced.run();
            }
            super.force();
        }
    }

    /** Who waits for the device to forget a name need not keep a writer waiting. */
    @Test
    void writersMayTakeTheRoomOfAFileThatHasNoNameBeforeThatIsForced() throws IOException {
        WatchedDirectory directory = new WatchedDirectory();
        try (BlobCache<String> cache = TestCaches.aloneOn(directory).open(Path.of("simulated"))) {
            Evictor evictor = cache.engine().evictor();
            List<Long> taken = new ArrayList<>();
            for (int i = 0; evictor.diskBytes() <= TestCaches.MAXIMUM_BYTES; i++) {
                cache.put("key-" + i, TestStores.blob(BLOB_BYTES, i));
            }
            long before = evictor.diskBytes();
            directory.forced = () -> taken.add(evictor.diskBytes());
            TestCaches.settle(cache);
            assertThat(taken).hasSize(1);
            assertThat(taken.get(0)).isLessThan(before - TestCaches.FILE_BYTES / 2);
            assertThat(evictor.diskBytes()).isEqualTo(taken.get(0));
        }
    }
}
