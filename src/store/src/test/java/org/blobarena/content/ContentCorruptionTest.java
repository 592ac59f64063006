package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A content store of which bytes have changed. */
class ContentCorruptionTest {

    private static final byte[] BODY = TestStores.blob(1000, 1);

    @TempDir
    Path directory;

    @BeforeEach
    void fill() throws IOException {
        try (ContentStore store = ContentStore.open(directory)) {
            store.put("a", BODY);
            store.put("b", TestStores.blob(1000, 2));
        }
    }

    /** Changes the byte at an offset of the only arena file. */
    private static void change(Path store, int offset) throws IOException {
        Path file = TestStores.arenas(store).get(0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[offset] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void nothingIsCollectedWhileNamesMayBeLost() throws IOException {
        Path names = directory.resolve("names");
        change(names, 0);
        try (ContentStore store = ContentStore.open(directory)) {
            assertThatIOException().isThrownBy(store::collect).withMessageContaining("names may be lost");
            assertThat(store.contentCount()).isEqualTo(2);
        }
        assertThat(ContentStore.repair(directory).isLossless()).isTrue();
        try (ContentStore store = ContentStore.open(directory)) {
            assertThat(store.collect().complete()).isTrue();
        }
    }

    @Test
    void nothingIsCollectedWhenANameCannotBeRead() throws IOException {
        change(directory.resolve("names"), 64 + 40); // In the first record.
        try (ContentStore store = ContentStore.open(directory)) {
            store.unbind("b");
            assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(store::collect);
            assertThat(store.contentCount()).isEqualTo(2);
        }
    }

    @Test
    void nameThatIsDamagedCanBeBoundAnew() throws IOException {
        change(directory.resolve("names"), 64 + 40); // In the first record.
        try (ContentStore store = ContentStore.open(directory)) {
            assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(() -> store.resolve("a"));
            Digest digest = store.put("a", BODY);
            assertThat(store.resolve("a")).isEqualTo(digest);
        }
    }

    @Test
    void namesAreKeptWhoseContentIsDamaged() throws IOException {
        Path contents = directory.resolve("contents");
        change(contents, 0);
        Files.delete(contents.resolve("CLEAN"));
        try (ContentStore store = ContentStore.open(directory)) {
            assertThat(store.resolve("a")).isEqualTo(Digest.of(BODY));
            assertThat(store.nameCount()).isEqualTo(2);
        }
    }

    @Test
    void damagedContentIsFoundWhenItIsRead() throws IOException {
        change(directory.resolve("contents"), 300); // In the first of the two contents.
        try (ContentStore store = ContentStore.open(directory)) {
            Digest digest = store.resolve("a");
            assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(() -> store.get(digest));
            assertThat(store.get(store.resolve("b"))).isEqualTo(TestStores.blob(1000, 2));
        }
    }

    /** Makes a copy of a store that was killed, all of it forced, in which the first name has a damaged record. */
    private Path killedWithDamage(int offset) throws IOException {
        Path running = directory.resolve("running");
        Path killed = directory.resolve("killed");
        try (ContentStore store =
                ContentStore.builder().durability(Durability.FORCED).open(running)) {
            store.put("a", BODY);
            store.put("b", TestStores.blob(1000, 2));
            TestStores.copy(running.resolve("names"), killed.resolve("names"));
            TestStores.copy(running.resolve("contents"), killed.resolve("contents"));
        }
        change(killed.resolve("names"), offset);
        return killed;
    }

    @Test
    void nothingIsCollectedUntilARepairEvenPastCleanCloses() throws IOException {
        Path killed = killedWithDamage(64 + 4); // The header of the first name, which is lost.
        for (int i = 0; i < 3; i++) {
            try (ContentStore store = ContentStore.open(killed)) {
                assertThat(store.nameCount()).isEqualTo(1);
                assertThatIOException().isThrownBy(store::collect).withMessageContaining("may be lost");
                assertThat(store.contentCount()).isEqualTo(2);
            }
        }
        BlobStore.repair(killed.resolve("names"));
        try (ContentStore store = ContentStore.open(killed)) {
            assertThatIOException().isThrownBy(store::collect); // The repair knew of one store alone.
        }
        assertThat(ContentStore.repair(killed).names().isLossless()).isTrue();
        for (int i = 0; i < 2; i++) {
            try (ContentStore store = ContentStore.open(killed)) {
                assertThat(store.collect().complete()).isTrue();
            }
        }
    }

    @Test
    void storeOpensWhenANameCannotBeReadAfterACrash() throws IOException {
        Path killed = killedWithDamage(64 + 40); // The digest of the first name.
        try (ContentStore store = ContentStore.open(killed)) {
            assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(() -> store.resolve("a"));
            assertThat(store.get(store.resolve("b"))).isEqualTo(TestStores.blob(1000, 2));
        }
    }
}
