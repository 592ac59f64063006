package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A content store of which whole files are lost, through every kind of opening until a repair. */
class ContentLossTest {

    private static final byte[] BODY = TestStores.blob(1000, 1);
    private static final byte[] OTHER = TestStores.blob(1000, 2);

    @TempDir
    Path temporary;

    private Path directory;
    private Path names;
    private Path contents;

    @BeforeEach
    void fill() throws IOException {
        directory = temporary.resolve("store");
        names = directory.resolve("names");
        contents = directory.resolve("contents");
        try (ContentStore store = ContentStore.open(directory)) {
            store.put("a", BODY);
            store.put("b", OTHER);
        }
    }

    private static void deleteArenas(Path store) throws IOException {
        for (Path file : TestStores.arenas(store)) {
            Files.delete(file);
        }
    }

    private static void cutArena(Path store) throws IOException {
        Path file = TestStores.arenas(store).get(0);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    }

    /** What a process leaves that opens the store and is killed at once. */
    private Path openedAndKilled(Path store) throws IOException {
        Path killed = temporary.resolve("killed " + store.getFileName());
        try (ContentStore open =
                ContentStore.builder().durability(Durability.FORCED).open(store)) {
            assertThat(open.contentCount()).isNotNegative();
            copyAll(store, killed);
        }
        return killed;
    }

    private static void copyAll(Path store, Path copy) throws IOException {
        TestStores.copy(store.resolve("names"), copy.resolve("names"));
        TestStores.copy(store.resolve("contents"), copy.resolve("contents"));
        for (String note : List.of("NAMES-DAMAGED", "CONTENTS-DAMAGED")) {
            if (Files.exists(store.resolve(note))) {
                Files.copy(store.resolve(note), copy.resolve(note));
            }
        }
    }

    private static void requireNothingCollected(Path store) throws IOException {
        try (ContentStore open = ContentStore.open(store)) {
            assertThatIOException().isThrownBy(open::collect).withMessageContaining("names may be lost");
            assertThat(open.stats().namesLost()).isTrue();
            assertThat(open.get(Digest.of(BODY))).isEqualTo(BODY);
            assertThat(open.get(Digest.of(OTHER))).isEqualTo(OTHER);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingIsCollectedAfterTheLossOfAFileOfNamesUntilARepair(boolean whole) throws IOException {
        if (whole) {
            deleteArenas(names);
        } else {
            cutArena(names);
        }
        Path killed = openedAndKilled(directory);
        Path again = openedAndKilled(killed);
        for (Path each : List.of(directory, killed, again)) {
            requireNothingCollected(each); // After any opening, whether it could find the loss or not.
            requireNothingCollected(each);
        }
        BlobStore.repair(killed.resolve("names"));
        requireNothingCollected(killed);

        ContentRepairReport report = ContentStore.repair(killed);

        assertThat(report.isLossless()).isFalse();
        assertThat(report.lostFiles()).isNotEmpty().allMatch(line -> line.contains("names/00000001.arena"));
        assertThat(report.unbound()).isEmpty();
        for (int i = 0; i < 2; i++) {
            try (ContentStore store = ContentStore.open(killed)) {
                assertThat(store.stats().namesLost()).isFalse();
                assertThat(store.collect().complete()).isTrue();
            }
        }
    }

    /** It is killed after it has found the loss, before it has said so. */
    @Test
    void lossIsNotedBeforeTheMarkIsRemovedThatShowsIt() throws IOException {
        deleteArenas(names);
        assertThatExceptionOfType(CorruptBlobException.class)
                .isThrownBy(() ->
                        BlobStore.builder(KeyCodec.utf8()).requireAllFiles(true).open(names));
        assertThat(names.resolve("CLEAN")).exists();

        Files.move(contents, temporary.resolve("aside")); // So that the opening fails once it has opened the names.
        Files.createFile(contents);
        assertThatIOException().isThrownBy(() -> ContentStore.open(directory));
        Files.delete(contents);
        Files.move(temporary.resolve("aside"), contents);

        requireNothingCollected(directory);
    }

    @Test
    void fileThatIsPutBackIsNoLoss() throws IOException {
        Path file = TestStores.arenas(names).get(0);
        Path aside = Files.move(file, temporary.resolve("aside"));
        assertThatExceptionOfType(CorruptBlobException.class)
                .isThrownBy(() ->
                        BlobStore.builder(KeyCodec.utf8()).requireAllFiles(true).open(names))
                .withMessageContaining("00000001.arena")
                .withMessageContaining("missing");
        Files.move(aside, file);

        try (BlobStore<String> store =
                BlobStore.builder(KeyCodec.utf8()).requireAllFiles(true).open(names)) {
            assertThat(store.stats().opening().clean()).isTrue();
            assertThat(store.size()).isEqualTo(2);
        }
    }

    @Test
    void snapshotHasTheNotesOfItsStore() throws IOException {
        deleteArenas(names);
        Path copy = temporary.resolve("copy");
        try (ContentStore store = ContentStore.open(openedAndKilled(directory))) {
            store.put("c", new byte[10]);
            store.snapshot(copy);
        }
        requireNothingCollected(copy);
        requireNothingCollected(openedAndKilled(copy));
        assertThat(ContentStore.repair(copy).lostFiles()).isNotEmpty();
        try (ContentStore store = ContentStore.open(copy)) {
            assertThat(store.collect().contentsCollected()).isEqualTo(2);
        }
    }

    @Test
    void snapshotIntoADirectoryOfOthersIsRefused() throws IOException {
        Path taken = Files.createDirectory(temporary.resolve("taken"));
        Path letter = Files.writeString(taken.resolve("letter.txt"), "mine");
        try (ContentStore store = ContentStore.open(directory)) {
            assertThatExceptionOfType(NotAStoreException.class).isThrownBy(() -> store.snapshot(taken));
        }
        assertThat(taken).isDirectoryContaining(letter::equals);
        assertThat(taken.resolve("names")).doesNotExist();
    }

    @Test
    void namesStayBoundToContentWhoseFileIsLostUntilARepairListsThem() throws IOException {
        deleteArenas(contents);
        Path killed = openedAndKilled(directory);
        for (int i = 0; i < 2; i++) {
            try (ContentStore store = ContentStore.open(killed)) {
                assertThat(store.stats().contentsLost()).isTrue();
                assertThat(store.resolve("a")).isEqualTo(Digest.of(BODY));
                assertThat(store.nameCount()).isEqualTo(2);
                ContentVerifyReport report = store.verify();
                assertThat(report.isIntact()).isFalse();
                assertThat(report.unboundCount()).isEqualTo(2);
                assertThat(report.unbound()).containsExactlyInAnyOrder("a", "b");
            }
        }

        ContentRepairReport report = ContentStore.repair(killed);

        assertThat(report.isLossless()).isFalse();
        assertThat(report.lostFiles()).isNotEmpty();
        assertThat(report.unbound()).containsExactlyInAnyOrder("a", "b");
        try (ContentStore store = ContentStore.open(killed)) {
            assertThat(store.stats().contentsLost()).isFalse();
            assertThat(store.nameCount()).isZero();
            assertThat(store.verify().isIntact()).isTrue();
        }
    }

    @Test
    void repairAtOnceAfterALossSaysWhatIsLost() throws IOException {
        deleteArenas(contents);
        Files.delete(indexOf(contents));

        ContentRepairReport report = ContentStore.repair(directory);

        assertThat(report.lostFiles()).isNotEmpty();
        assertThat(report.unbound()).containsExactlyInAnyOrder("a", "b");
        assertThat(directory).isDirectoryNotContaining("glob:**DAMAGED");
    }

    private static Path indexOf(Path store) throws IOException {
        try (var files = Files.newDirectoryStream(store, "index-*")) {
            return files.iterator().next();
        }
    }

    @Test
    void repairOfAWholeStoreChangesNothing() throws IOException {
        ContentRepairReport report = ContentStore.repair(directory);

        assertThat(report.isLossless()).isTrue();
        try (ContentStore store = ContentStore.open(directory)) {
            assertThat(store.get(store.resolve("a"))).isEqualTo(BODY);
            assertThat(store.verify().isIntact()).isTrue();
            assertThat(store.fileStats()).hasSize(2);
            assertThat(store.describe(Digest.of(OTHER)).blobBytes()).isEqualTo(1000);
            assertThat(store.describe(Digest.of(new byte[0]))).isNull();
        }
    }

    @Test
    void repairOfWhatIsNoContentStoreIsRefused() {
        assertThatExceptionOfType(NotAStoreException.class).isThrownBy(() -> ContentStore.repair(names));
        assertThatExceptionOfType(NotAStoreException.class)
                .isThrownBy(() -> ContentStore.repair(temporary.resolve("none")));
    }

    /** The empty directory must not be taken for a store that is to be made. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void storeThatIsEmptiedIsRefused(boolean ofNames) throws IOException {
        Path emptied = ofNames ? names : contents;
        for (String file : TestStores.files(emptied).keySet()) {
            Files.delete(emptied.resolve(file));
        }
        assertThatExceptionOfType(NotAStoreException.class)
                .isThrownBy(() -> ContentStore.open(directory))
                .withMessageContaining(emptied.toString());
        assertThat(emptied.resolve("STORE")).doesNotExist();
    }

    /** A note cannot be taken away by putting something else in its place. */
    @Test
    void linkInThePlaceOfANoteIsANote() throws IOException {
        Path target = temporary.resolve("target");
        Files.createSymbolicLink(directory.resolve("NAMES-DAMAGED"), target);
        requireNothingCollected(directory);
        deleteArenas(names);
        assertThatIOException().isThrownBy(() -> ContentStore.open(directory));
        assertThat(target).doesNotExist();
    }
}
