package org.blobarena.store.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestClock;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A store against a map that has moments: writes of all kinds, a clock that jumps on and back, compactions, and openings
 * after every kind of end. A blob that had expired once may be seen again when the clock is set back, or not; an older one
 * may not, whatever happens.
 */
class ExpiryModelTest {

    private static final int STEPS = 3000;
    private static final int KEYS = 40;
    private static final int MINUTE = 60_000;

    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();
    private final HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
    private final Map<String, Newest> model = new HashMap<>();
    private SplittableRandom random;
    private BlobStore<String> store;
    private int versions;

    /** What was put last under a key. */
    private static final class Newest {

        private final byte[] blob;
        private final long moment;
        private boolean hadExpired;

        Newest(byte[] blob, long moment) {
            this.blob = blob;
            this.moment = moment;
        }
    }

    private enum State {
        ABSENT,
        PRESENT,
        EITHER
    }

    private State state(String key) {
        Newest newest = model.get(key);
        if (newest == null || clock.millis() >= newest.moment) {
            return State.ABSENT;
        }
        return newest.hadExpired ? State.EITHER : State.PRESENT;
    }

    private void open() throws IOException {
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)), indexes);
        store = StoreAccess.streamMemoryBytes(StoreAccess.environment(TestStores.onHeap(), environment), 500)
                .clock(clock)
                .automaticCompaction(true)
                .maxDeadShare(0.2)
                .open(temporary.resolve("store"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void storeIsTheMapOfWhatHasNotExpired(long seed) throws IOException {
        random = new SplittableRandom(seed);
        open();
        for (int i = 0; i < STEPS; i++) {
            step();
            if (i % 50 == 0) {
                requireModel();
            }
        }
        requireModel();
        assertThat(store.verify().damage()).isEmpty();
        store.compact();
        requireModel();
        StoreAccess.crash(store);
        open();
        requireModel();
        store.close();
    }

    private void step() throws IOException {
        String key = "key" + random.nextInt(KEYS);
        switch (random.nextInt(30)) {
            case 0, 1, 2, 3, 4, 5 -> put(key, random.nextInt(800));
            case 6 -> put(key, 500 + random.nextInt(5000));
            case 7 -> putAll();
            case 8, 9 -> conditional(key, true);
            case 10, 11 -> conditional(key, false);
            case 12 -> removeAll(key);
            case 13, 14 -> remove(key);
            case 15, 16 -> setClock(random.nextInt(2 * MINUTE));
            case 17 -> setClock(-random.nextInt(2 * MINUTE));
            case 18 -> setClock(random.nextInt(20 * MINUTE));
            case 19, 20 -> assertThat(store.stats().keys()).isLessThanOrEqualTo(KEYS); // Sweeps what has expired.
            case 21 -> {
                if (random.nextInt(4) == 0) {
                    store.compact();
                }
            }
            case 22 -> {
                if (random.nextInt(5) == 0) {
                    store.close();
                    open();
                }
            }
            case 23 -> {
                if (random.nextInt(5) == 0) {
                    StoreAccess.crash(store);
                    open();
                }
            }
            default -> requireKey(key);
        }
    }

    private void setClock(long byMillis) {
        clock.advance(byMillis);
        model.values().forEach(newest -> newest.hadExpired |= clock.millis() >= newest.moment);
    }

    /** Mostly some minutes away, now and then never, or past. */
    private Expiry expiry() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> Expiry.never();
            case 2 -> Expiry.at(Instant.ofEpochMilli(clock.millis() - random.nextInt(MINUTE)));
            default -> Expiry.at(Instant.ofEpochMilli(clock.millis() + 1 + random.nextInt(5 * MINUTE)));
        };
    }

    private byte[] blob(int length) {
        return TestStores.blob(length, versions++);
    }

    private void written(String key, byte[] blob, Expiry expiry) {
        Newest newest = new Newest(blob, expiry.millisFrom(clock));
        newest.hadExpired = clock.millis() >= newest.moment;
        model.put(key, newest);
    }

    private void put(String key, int length) throws IOException {
        byte[] blob = blob(length);
        Expiry expiry = expiry();
        BlobStore<String> view =
                store.withExpiry(expiry).withCompression(random.nextBoolean() ? Compression.ZSTD : Compression.NONE);
        if (random.nextBoolean()) {
            view.put(key, new ByteArrayInputStream(blob));
        } else {
            view.put(key, blob);
        }
        written(key, blob, expiry);
    }

    private void putAll() throws IOException {
        Expiry expiry = expiry();
        Map<String, byte[]> batch = new HashMap<>();
        for (int i = 0; i < 5; i++) {
            batch.put("key" + random.nextInt(KEYS), blob(random.nextInt(300)));
        }
        store.withExpiry(expiry).putAll(batch);
        batch.forEach((key, blob) -> written(key, blob, expiry));
    }

    private void conditional(String key, boolean ifAbsent) throws IOException {
        State before = state(key);
        Expiry expiry = expiry();
        byte[] blob = blob(random.nextInt(300));
        BlobStore<String> view = store.withExpiry(expiry);
        boolean done = ifAbsent ? view.putIfAbsent(key, blob) : view.replace(key, blob);
        if (before != State.EITHER) {
            assertThat(done).isEqualTo((before == State.ABSENT) == ifAbsent);
        }
        if (done) {
            written(key, blob, expiry);
        }
    }

    private void remove(String key) throws IOException {
        removed(key, store.remove(key) ? 1 : 0);
    }

    private void removeAll(String key) throws IOException {
        removed(key, store.removeAll(List.of(key)));
    }

    private void removed(String key, long count) {
        State before = state(key);
        if (before != State.EITHER) {
            assertThat(count).isEqualTo(before == State.PRESENT ? 1 : 0);
        }
        if (count > 0) {
            model.remove(key);
        }
    }

    private void requireKey(String key) throws IOException {
        byte[] found = store.get(key);
        requireAllowed(key, found == null ? null : ByteBuffer.wrap(found));
        assertThat(store.contains(key)).isEqualTo(found != null);
        assertThat(store.sizeOf(key).isPresent()).isEqualTo(found != null);
        if (found != null) {
            assertThat(store.sizeOf(key)).hasValue(found.length);
        }
    }

    private void requireAllowed(String key, @Nullable ByteBuffer found) {
        switch (state(key)) {
            case ABSENT -> assertThat(found).as(key).isNull();
            case PRESENT -> assertThat(found).as(key).isEqualTo(ByteBuffer.wrap(model.get(key).blob));
            default -> {
                if (found != null) {
                    assertThat(found).as(key).isEqualTo(ByteBuffer.wrap(model.get(key).blob));
                }
            }
        }
    }

    private void requireModel() throws IOException {
        Map<String, ByteBuffer> content = TestStores.content(store);
        for (int i = 0; i < KEYS; i++) {
            String key = "key" + i;
            ByteBuffer found = content.remove(key);
            requireAllowed(key, found);
            requireKey(key);
        }
        assertThat(content).isEmpty();
    }
}
