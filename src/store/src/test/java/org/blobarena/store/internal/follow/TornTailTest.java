package org.blobarena.store.internal.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.blobarena.format.ArenaHeader;
import org.blobarena.store.BlobStore;
import org.blobarena.store.ReadOnlyBlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file grows while it is written, so a reader may see any part of a record at its end. */
class TornTailTest {

    private static final byte[] FIRST = TestStores.blob(300, 1);
    private static final byte[] SECOND = TestStores.blob(300, 2);

    /** From one length of the file that is tried to the next. */
    private static final int STEP = 7;

    @TempDir
    Path temporary;

    @Test
    void recordThatIsBeingWrittenIsNoDamageWhereverTheFileEndsAndIsFoundOnceItIsWhole() throws IOException {
        Path directory = temporary.resolve("store");
        long firstEnd;
        try (BlobStore<String> store = TestStores.onHeap().open(directory)) {
            store.put("first", FIRST);
            firstEnd = Files.size(TestStores.arenas(directory).get(0));
            store.put("second", SECOND);
            StoreAccess.crash(store);
        }
        Path arena = TestStores.arenas(directory).get(0);
        byte[] whole = Files.readAllBytes(arena);
        for (int end = ArenaHeader.BYTES; end < whole.length; end += STEP) {
            Files.write(arena, Arrays.copyOf(whole, end));
            boolean hasFirst = end >= firstEnd;
            try (ReadOnlyBlobStore<String> reader = open(directory)) {
                VerifyReport report = reader.verify();
                assertThat(report.damage()).as("%d bytes", end).isEmpty();
                assertThat(report.records()).isEqualTo(hasFirst ? 1 : 0);
                assertThat(reader.get("first")).isEqualTo(hasFirst ? FIRST : null);
                assertThat(reader.contains("second")).isFalse();

                Files.write(arena, Arrays.copyOfRange(whole, end, whole.length), StandardOpenOption.APPEND);
                reader.refresh();
                assertThat(reader.get("first")).isEqualTo(FIRST);
                assertThat(reader.get("second")).isEqualTo(SECOND);
                report = reader.verify();
                assertThat(report.damage())
                        .as("%d bytes, and then the rest", end)
                        .isEmpty();
                assertThat(report.records()).isEqualTo(2);
            }
        }
    }

    private ReadOnlyBlobStore<String> open(Path directory) throws IOException {
        return BlobStore.reader(KeyCodec.utf8()).temporaryDirectory(temporary).open(directory);
    }
}
