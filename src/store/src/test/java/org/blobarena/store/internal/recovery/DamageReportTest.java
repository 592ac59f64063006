package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How damage is told: each place once, by the path of its file alone. */
class DamageReportTest {

    private static final int PAYLOAD = 64 + 32 + 3;

    @TempDir
    Path temporary;

    private final HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
    private Path directory;
    private Path arena;

    @BeforeEach
    void makeStore() throws IOException {
        directory = temporary.resolve("store");
        arena = directory.resolve("00000001.arena");
        try (BlobStore<String> store = open()) {
            store.put("key", TestStores.blob(100, 1));
            store.put("key", TestStores.blob(100, 2));
            store.put("other", TestStores.blob(100, 3));
        }
    }

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap(indexes).open(directory);
    }

    @Test
    void damagedUnforcedPayloadIsOneDamageToVerify() throws IOException {
        int second = PAYLOAD + 100;
        flip(arena, second + 32 + 3);

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().clean()).isTrue();
            VerifyReport report = store.verify();
            assertThat(report.damage()).extracting(Damage::offset).containsExactly((long) second);
            assertThat(report.damageCount()).isEqualTo(1);
        }
    }

    @Test
    void damagedUnforcedHeaderIsOneDamageToVerify() throws IOException {
        int second = PAYLOAD + 100;
        flip(arena, second + 9);

        try (BlobStore<String> store = open()) {
            VerifyReport report = store.verify();
            assertThat(report.damage()).extracting(Damage::offset).containsExactly((long) second);
        }
    }

    @Test
    void damageNamesTheFileByItsPathOnce() throws IOException {
        flip(arena, PAYLOAD + 100 + 32 + 3);

        try (BlobStore<String> store = open()) {
            CorruptBlobException corrupt = catchThrowableOfType(CorruptBlobException.class, () -> store.get("key"));
            assertThat(corrupt.file()).isEqualTo(arena.toString());
            assertThat(corrupt.getMessage()).containsOnlyOnce(arena.toString());
            for (Damage damage : store.verify().damage()) {
                assertThat(damage.file()).isEqualTo(arena.toString());
                assertThat(damage.toString()).containsOnlyOnce(arena.toString());
            }
        }
    }

    @Test
    void cutOrMissingFileIsNamedByItsPathOnce() throws IOException {
        byte[] bytes = Files.readAllBytes(arena);
        for (int length : new int[] {bytes.length / 2, 0, -1}) {
            try (BlobStore<String> store = openAfterCut(bytes, length)) {
                CorruptBlobException corrupt =
                        catchThrowableOfType(CorruptBlobException.class, () -> store.get("other"));
                assertThat(corrupt.file()).isEqualTo(arena.toString());
                assertThat(corrupt.getMessage()).containsOnlyOnce(arena.toString());
                List<Damage> found = store.verify().damage();
                assertThat(found).isNotEmpty();
                for (Damage damage : found) {
                    assertThat(damage.toString()).containsOnlyOnce(arena.toString());
                }
            }
        }
    }

    /** @param length negative for a file that is gone */
    private BlobStore<String> openAfterCut(byte[] bytes, int length) throws IOException {
        if (length < 0) {
            Files.delete(arena);
        } else {
            Files.write(arena, Arrays.copyOf(bytes, length));
        }
        BlobStore<String> store = open();
        assertThat(store.stats().opening().damage()).extracting(Damage::file).containsExactly(arena.toString());
        return store;
    }

    @Test
    void damageOfEitherCopyOfTheIdentityIsReported() throws IOException {
        Path identity = directory.resolve("STORE");
        for (int copy : StoreIdentity.COPY_OFFSETS) {
            flip(identity, copy + 35);
            try (BlobStore<String> store = open()) {
                OpenReport report = store.stats().opening();
                assertThat(report.damageCount()).isEqualTo(1);
                assertThat(report.damage().get(0).file()).isEqualTo(identity.toString());
                assertThat(report.damage().get(0).offset()).isEqualTo(copy);
            }
            flip(identity, copy + 35);
        }
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 0x10;
        Files.write(file, bytes);
    }
}
