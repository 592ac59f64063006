package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.blobarena.index.IndexSamples.probe;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.testing.StoreFiles;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettledIndexErrorTest {

    private static final KeyHash KEY = new KeyHash(1, 2);
    private static final Location OLD = new Location(1, 100, 10);
    private static final Location NEW = new Location(1, 200, 10);

    private final FileTable files = new FileTable();
    private final StoreFile file =
            new StoreFiles(new FaultyDirectory(DiskImage.empty())).sealed(1, StoreFiles.Holding.of(1000, 0));
    private final List<Throwable> refusals = new ArrayList<>();

    /** What the next changes throw. */
    private @Nullable Throwable failure;

    /** Whether they are made all the same. */
    private boolean takesPlace;

    private SettledIndex index;

    SettledIndexErrorTest() throws IOException {
        index = new SettledIndex(failing(), new KeyLocks(), files, refusals::add);
    }

    @BeforeEach
    void put() throws IOException {
        files.add(file);
        index.put(probe(KEY, OLD));
    }

    private LocationIndex failing() throws IOException {
        LocationIndex target = HeapLocationIndexFactory.forgetting().create(Path.of("any"), 0);
        return (LocationIndex) Proxy.newProxyInstance(
                LocationIndex.class.getClassLoader(), new Class<?>[] {LocationIndex.class}, (self, method, args) -> {
                    boolean fails =
                            failure != null && List.of("put", "removeIfEqual").contains(method.getName());
                    if (fails && !takesPlace) {
                        throw failure;
                    }
                    try {
                        Object result = method.invoke(target, args);
                        if (fails) {
                            throw failure;
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void failWhile(ThrowingCallable change) {
        failure = new OutOfMemoryError("thrown by a test");
        assertThatThrownBy(change).isSameAs(failure);
        failure = null;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void putThatHasMetAnErrorCountsWhenTheKeyIsLookedUp(boolean made) throws IOException {
        takesPlace = made;
        failWhile(() -> index.put(probe(KEY, NEW)));
        assertThat(index.get(KEY)).isEqualTo(NEW);
        assertThat(refusals).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void removalThatHasMetAnErrorCountsWhenTheKeyIsLookedUp(boolean made) throws IOException {
        takesPlace = made;
        failWhile(() -> index.removeIfEqual(KEY, OLD));
        assertThat(index.get(KEY)).isNull();
        assertThat(index.size()).isZero();
    }

    @Test
    void liveBytesFollowAChangeThatIsMadeLater() throws IOException {
        failWhile(() -> index.put(probe(KEY, new Location(1, 300, 25))));
        long before = file.liveBytes();
        assertThat(index.get(KEY)).isNotNull();
        assertThat(file.liveBytes() - before).isEqualTo(25 - OLD.length());
    }

    @Test
    void lastOfSeveralChangesThatHaveFailedCounts() throws IOException {
        failWhile(() -> index.put(probe(KEY, NEW)));
        failWhile(() -> index.removeIfEqual(KEY, NEW));
        assertThat(index.get(KEY)).isNull();
        failWhile(() -> index.removeIfEqual(KEY, NEW));
        failWhile(() -> index.put(probe(KEY, NEW)));
        assertThat(index.get(KEY)).isEqualTo(NEW);
    }

    @Test
    void laterChangeThatSucceedsCountsMoreThanOneThatHasFailed() throws IOException {
        failWhile(() -> index.removeIfEqual(KEY, OLD));
        index.put(probe(KEY, NEW));
        assertThat(index.get(KEY)).isEqualTo(NEW);
        assertThat(index.size()).isOne();
    }

    @Test
    void changesOfMoreKeysThanHaveNotesAreAllMade() throws IOException {
        for (int i = 0; i < 1000; i++) {
            KeyHash key = new KeyHash(i, i);
            Location location = new Location(1, i, 1);
            failWhile(() -> index.put(probe(key, location)));
        }
        assertThat(index.size()).isEqualTo(1001);
        assertThat(index.get(new KeyHash(999, 999))).isEqualTo(new Location(1, 999, 1));
    }

    /** What the files say must not be lost with a mark that calls the index whole. */
    @Test
    void indexIsNotLeftForReopeningWhileAChangeIsStillToBeMade() throws IOException {
        failWhile(() -> index.put(probe(KEY, NEW)));
        failure = new IOException("no room");
        assertThatThrownBy(index::closeForReopening).isInstanceOf(IOException.class);
        index.close();
    }
}
