package org.blobarena.store.internal.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.blobarena.store.BlobStore;
import org.blobarena.store.ReadOnlyBlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file grows while it is written, so a reader may see any part of a record at its end. */
class TornTailTest {

    private static final byte[] FIRST = TestStores.blob(300, 1);
    private static final byte[] SECOND = TestStores.blob(300, 2);

    /** Of the bytes of the second record, so many are not tried between two that are. */
    private static final int STEP = 7;

    @TempDir
    Path temporary;

    @Test
    void recordThatIsBeingWrittenIsNoDamageWhereverTheFileEndsAndIsFoundOnceItIsWhole() throws IOException {
        Path directory = temporary.resolve("store");
        long begin;
        try (BlobStore<String> store = TestStores.onHeap().open(directory)) {
            store.put("first", FIRST);
            begin = Files.size(TestStores.arenas(directory).get(0));
            store.put("second", SECOND);
            StoreAccess.crash(store);
        }
        Path arena = TestStores.arenas(directory).get(0);
        byte[] whole = Files.readAllBytes(arena);
        for (int end = (int) begin; end < whole.length; end += STEP) {
            Files.write(arena, Arrays.copyOf(whole, end));
            try (ReadOnlyBlobStore<String> reader = open(directory)) {
                assertThat(reader.verify().damage()).as("%d bytes", end).isEmpty();
                assertThat(reader.verify().records()).isEqualTo(1);
                assertThat(reader.get("first")).isEqualTo(FIRST);
                assertThat(reader.contains("second")).isFalse();

                Files.write(arena, Arrays.copyOfRange(whole, end, whole.length), StandardOpenOption.APPEND);
                reader.refresh();
                assertThat(reader.get("second")).isEqualTo(SECOND);
                assertThat(reader.verify().damage())
                        .as("%d bytes, and then the rest", end)
                        .isEmpty();
                assertThat(reader.verify().records()).isEqualTo(2);
            }
        }
    }

    private ReadOnlyBlobStore<String> open(Path directory) throws IOException {
        return BlobStore.reader(KeyCodec.utf8()).temporaryDirectory(temporary).open(directory);
    }
}
