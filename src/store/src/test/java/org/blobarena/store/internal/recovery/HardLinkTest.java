package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.testing.UsualIndex;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Copies of stores by hard links, as {@code cp -al}, {@code rsync --link-dest} and snapshots make them: what is done with
 * the copy changes no byte of the original, and what is done with the original nothing in the copy. Shows invariant 16 of
 * store-format.md.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HardLinkTest {

    private static final int KEYS = 60;

    @TempDir
    Path temporary;

    private Path original;
    private Path copy;
    private LocationIndexFactory indexes = UsualIndex.factory();
    private final Map<String, ByteBuffer> expected = new TreeMap<>();

    /** How the original was left when it was copied. */
    private enum End {
        CLOSED,
        KILLED,
        OPEN
    }

    /** What somebody did to the last file of the copy, and so of the original, before the copy is opened. */
    private enum Harm {
        NONE,
        TORN_TAIL,
        DAMAGED_END,
        DAMAGED_MIDDLE,
        DAMAGED_HEADER,
        CUT_TO_NOTHING,
        CUT_IN_HEADER
    }

    @BeforeEach
    void requireLinks() {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("unix");
        original = temporary.resolve("original");
        copy = temporary.resolve("copy");
    }

    /** Nothing is forced, for speed. */
    private StoreEnvironment environment() {
        return new StoreEnvironment(
                (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)), indexes);
    }

    private BlobStore<String> open(Path directory) throws IOException {
        return StoreAccess.environment(TestStores.onHeap(), environment()).open(directory);
    }

    private void fill(BlobStore<String> store) throws IOException {
        for (int i = 0; i < 3 * KEYS; i++) {
            put(store, "key" + i % KEYS, TestStores.blob(1500, i));
        }
        store.remove("key1");
        expected.remove("key1");
    }

    private void put(BlobStore<String> store, String key, byte[] blob) throws IOException {
        store.put(key, blob);
        expected.put(key, ByteBuffer.wrap(blob));
    }

    /** As {@code cp -al} does, but perhaps for what is locked. */
    private static void link(Path from, Path to, boolean withLocked) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                if (withLocked || !(file.endsWith("LOCK") || file.endsWith("STORE"))) {
                    Files.createLink(to.resolve(file.getFileName()), file);
                } else {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
    }

    /** Fills the original and copies it by links; returns its store, which is open only if so asked. */
    private BlobStore<String> fillAndCopy(End end) throws IOException {
        BlobStore<String> store = open(original);
        fill(store);
        if (end == End.CLOSED) {
            store.close();
        }
        link(original, copy, end != End.OPEN); // Else whoever opens one of the two keeps the other from being opened.
        if (end == End.KILLED) {
            StoreAccess.crash(store);
        }
        return store;
    }

    private static void use(BlobStore<String> store) throws IOException {
        for (int i = 0; i < KEYS; i++) {
            store.put("foreign" + i, TestStores.blob(2500, i));
        }
        for (int i = 0; i < KEYS; i += 2) {
            store.remove("key" + i);
        }
        store.compact();
        store.remove("foreign0");
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void useOfACopyByLinksChangesNoByteOfTheOriginal(End end) throws IOException {
        BlobStore<String> store = fillAndCopy(end);
        Map<String, byte[]> before = TestStores.files(original);

        for (int i = 0; i < 3; i++) {
            try (BlobStore<String> opened = open(copy)) {
                assertThat(opened.stats().opening().damage()).isEmpty();
                if (i == 0) {
                    assertThat(TestStores.content(opened)).isEqualTo(expected);
                }
                use(opened);
            }
        }
        if (end == End.OPEN) {
            assertBytesAreThere(original, before); // It may have sealed a file meanwhile.
            assertThat(TestStores.content(store)).isEqualTo(expected);
            store.close();
        } else {
            assertUnchanged(original, before);
        }
        assertUndamaged(original);
    }

    private void assertUndamaged(Path directory) throws IOException {
        try (BlobStore<String> opened = open(directory)) {
            assertThat(opened.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(opened)).isEqualTo(expected);
        }
    }

    private static void assertUnchanged(Path directory, Map<String, byte[]> before) throws IOException {
        Map<String, byte[]> after = TestStores.files(directory);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((name, bytes) -> assertThat(Arrays.equals(after.get(name), bytes))
                .as("%s is unchanged", name)
                .isTrue());
    }

    private static void assertBytesAreThere(Path directory, Map<String, byte[]> before) throws IOException {
        Map<String, byte[]> after = TestStores.files(directory);
        before.forEach((name, bytes) -> {
            if (name.endsWith(".arena")) {
                assertThat(Arrays.equals(Arrays.copyOf(after.get(name), bytes.length), bytes))
                        .as("%s begins as before", name)
                        .isTrue();
            }
        });
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void useOfTheOriginalChangesNothingInACopyByLinks(End end) throws IOException {
        BlobStore<String> store = fillAndCopy(end);
        if (end == End.OPEN) {
            try (BlobStore<String> opened = open(copy)) { // Until then it sees what is appended to the linked file.
                assertThat(TestStores.content(opened)).isEqualTo(expected);
            }
            use(store);
            store.close();
        }
        Map<String, byte[]> before = TestStores.files(copy);

        for (int i = 0; i < 2; i++) {
            try (BlobStore<String> opened = open(original)) {
                assertThat(opened.stats().opening().damage()).isEmpty();
                use(opened);
            }
        }
        assertUnchanged(copy, before);
        assertUndamaged(copy);
    }

    /** Whatever recovery does about damage, it does to files of its own. */
    @ParameterizedTest
    @EnumSource(Harm.class)
    void recoveryOfADamagedCopyChangesNoByteOfTheOriginal(Harm harm) throws IOException {
        indexes = HeapLocationIndexFactory.forgetting();
        for (boolean snapshot : new boolean[] {false, true}) {
            Path source = temporary.resolve("source " + snapshot);
            Path target = temporary.resolve("target " + snapshot);
            BlobStore<String> store = open(source);
            fill(store);
            if (snapshot) {
                store.snapshot(target);
            } else {
                link(source, target, true);
            }
            StoreAccess.crash(store);
            harm(harm, TestStores.arenas(target).get(TestStores.arenas(target).size() - 1));
            harm(harm, TestStores.arenas(target).get(0));
            Map<String, byte[]> before = TestStores.files(source);
            Map<String, String> answers = answers(TestStores.copy(source, temporary.resolve("reference " + snapshot)));

            for (int i = 0; i < 2; i++) {
                try (BlobStore<String> opened = open(target)) {
                    use(opened);
                }
            }
            RepairReport report = new StoreRepair(environment()).repair(target);
            try (BlobStore<String> opened = open(target)) {
                assertThat(opened.stats().opening().damage()).as("%s", report).isEmpty();
                use(opened);
            }
            assertUnchanged(source, before);
            assertThat(answers(source)).isEqualTo(answers);
        }
    }

    private Map<String, String> answers(Path directory) throws IOException {
        Map<String, String> answers = new TreeMap<>();
        try (BlobStore<String> store = open(directory)) {
            for (String prefix : new String[] {"key", "foreign"}) {
                for (int i = 0; i < KEYS; i++) {
                    try {
                        answers.put(prefix + i, Arrays.toString(store.get(prefix + i)));
                    } catch (CorruptBlobException e) {
                        answers.put(prefix + i, "damaged");
                    }
                }
            }
        }
        return answers;
    }

    @Test
    void copyWithTheLockFileOfAnOpenStoreIsRefusedUntilThatIsClosed() throws IOException {
        try (BlobStore<String> store = open(original)) {
            fill(store);
            link(original, copy, true);
            assertThatExceptionOfType(StoreLockedException.class).isThrownBy(() -> open(copy));
            assertThat(TestStores.content(store)).isEqualTo(expected);
        }
        try (BlobStore<String> opened = open(copy)) {
            assertThat(TestStores.content(opened)).isEqualTo(expected);
        }
    }

    private static void harm(Harm harm, Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long size = channel.size();
            switch (harm) {
                case NONE -> {}
                case TORN_TAIL -> channel.truncate(size - 7);
                case DAMAGED_END -> channel.write(ByteBuffer.wrap(new byte[] {77, 78}), size - 50);
                case DAMAGED_MIDDLE -> channel.write(ByteBuffer.wrap(new byte[] {77, 78}), size / 2);
                case DAMAGED_HEADER -> channel.write(ByteBuffer.wrap(new byte[] {77, 78}), 42);
                case CUT_TO_NOTHING -> channel.truncate(0);
                case CUT_IN_HEADER -> channel.truncate(30);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
