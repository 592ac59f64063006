package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.ManualBackground;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When compaction looks again, and that it rests while there is nothing to look for. */
class IdleStoreTest {

    private static final int TURNS_MAX = 5;
    private static final int BLOB_BYTES = 9000;

    private final FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
    private final Resting background = new Resting();
    private BlobStore<String> store;

    /** Has turns when a test says so, and tells for how long it rests then. */
    private static final class Resting implements Background, Background.Turns {

        private @Nullable Runnable task;
        private boolean rests;
        private long restNanos;

        /** Gives the task turns until it rests. */
        private void runUntilRest() {
            int turns = 0;
            while (!rests) {
                Objects.requireNonNull(task).run();
                turns++;
                assertThat(turns).isLessThanOrEqualTo(TURNS_MAX);
            }
        }

        @Override
        public void execute(Runnable executed) {
            executed.run();
        }

        @Override
        public Turns executeEvery(long pauseNanos, Runnable repeated) {
            task = repeated;
            return this;
        }

        @Override
        public void rest(long nanos) {
            rests = true;
            restNanos = nanos;
        }

        @Override
        public void resume() {
            rests = false;
        }

        @Override
        public void stop() {
            task = null;
        }
    }

    @BeforeEach
    void open() throws IOException {
        store = StoreAccess.environment(
                        BlobStore.builder(KeyCodec.utf8())
                                .arenaBytesMax(TestStores.SMALL_FILE_BYTES)
                                .bufferBytes(4096),
                        new StoreEnvironment(
                                (path, create) -> directory,
                                HeapLocationIndexFactory.forgetting(),
                                name -> name.endsWith("-compaction") ? background : new ManualBackground()))
                .open(Path.of("simulated"));
    }

    @AfterEach
    void close() throws IOException {
        directory.setFault(null);
        store.close();
    }

    @Test
    void storeThatNobodyWritesToIsNeverLookedAtAgain() {
        background.runUntilRest();
        assertThat(background.restNanos).isEqualTo(Long.MAX_VALUE);
        assertThat(store.stats().deadBytes()).isZero();
        assertThat(background.rests).isTrue();
    }

    @Test
    void anyWriteEndsTheRestAndWhatIsDeadThenIsCompacted() throws IOException {
        for (int i = 0; i < 3; i++) {
            background.runUntilRest();
            store.put("key", new byte[BLOB_BYTES]);
            assertThat(background.rests).as("after a put").isFalse();
            background.runUntilRest();
            assertThat(store.remove("key")).isTrue();
            assertThat(background.rests).as("after a removal").isFalse();
        }
        background.runUntilRest();
        assertThat(store.stats().deadBytes()).isZero();
    }

    @Test
    void storeWithBlobsThatExpireRestsNoLongerThanTheClockCanBeTrusted() throws IOException {
        store.put("key", new byte[10], Expiry.after(Duration.ofDays(1)));
        background.runUntilRest();
        assertThat(background.restNanos).isBetween(1L, Duration.ofMinutes(1).toNanos());
    }

    @Test
    void fileThatCannotBeDeletedIsTriedAgain() throws IOException {
        directory.setFault((number, kind, bytes) -> {
            if (kind.equals("delete")) {
                throw new IOException("Operation not permitted");
            }
            return FaultyDirectory.Fault.CARRY_OUT;
        });
        for (int i = 0; i < 40; i++) {
            store.put("key", new byte[BLOB_BYTES]);
        }
        for (int i = 0; i < TURNS_MAX; i++) {
            Objects.requireNonNull(background.task).run();
            assertThat(background.rests).isFalse();
        }
        directory.setFault(null);
        background.runUntilRest();
        assertThat(store.stats().deadBytes()).isZero();
    }
}
