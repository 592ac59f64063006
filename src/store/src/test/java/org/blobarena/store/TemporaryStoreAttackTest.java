package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.recovery.TemporaryStoreProgram;
import org.blobarena.store.testing.TestStores;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others put into the directory of temporary stores, to have a store delete or open what is not of it. */
class TemporaryStoreAttackTest {

    private static final int NOBODY = 65_534;

    @TempDir
    Path temporary;

    private Path parent;
    private Path victims;

    @BeforeEach
    void make() throws IOException {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("unix"));
        parent = Files.createDirectory(temporary.resolve("parent"));
        victims = Files.createDirectory(temporary.resolve("victims"));
        TestStores.onHeap().open(victims.resolve("lasting")).close();
        Files.writeString(victims.resolve("letter.txt"), "mine");
    }

    private BlobStore<String> open() throws IOException {
        return BlobStore.builder(KeyCodec.utf8()).temporary(parent);
    }

    private List<Path> present() throws IOException {
        try (Stream<Path> paths = Files.list(parent)) {
            return paths.toList();
        }
    }

    private Path newName() {
        return parent.resolve("blobarena-" + UUID.randomUUID().toString().replace("-", "") + ".tmp");
    }

    /** A directory as a killed process leaves it. */
    private Path abandoned() throws IOException {
        Path path = newName();
        BlobStore<String> store = TestStores.onHeap().open(path);
        store.put("a", new byte[100]);
        StoreAccess.crash(store);
        return path;
    }

    private void requireVictimsUnharmed(Map<String, byte[]> lastingBefore) throws IOException {
        assertThat(victims.resolve("letter.txt")).hasContent("mine");
        assertThat(TestStores.files(victims.resolve("lasting")))
                .containsOnlyKeys(lastingBefore.keySet())
                .allSatisfy((name, bytes) -> assertThat(bytes).isEqualTo(lastingBefore.get(name)));
    }

    @Test
    void storeThatAProcessHasLeftIsDeleted() throws IOException {
        Path left = abandoned();
        open().close();
        assertThat(left).doesNotExist();
        assertThat(present()).isEmpty();
    }

    /** Each file that a store has, in turn, is a link to a file of somebody else's, or to his store's. */
    @ParameterizedTest
    @ValueSource(strings = {"LOCK", "STORE", "CLEAN", "RESERVE", "00000001.arena", "00000009.arena", "STORE.tmp"})
    void linkInALeftDirectoryHarmsNothing(String name) throws IOException {
        Map<String, byte[]> before = TestStores.files(victims.resolve("lasting"));
        for (Path target : List.of(
                victims.resolve("letter.txt"),
                victims.resolve("lasting").resolve("STORE"),
                victims.resolve("lasting"),
                victims.resolve("nothing"))) {
            Path left = abandoned();
            Files.deleteIfExists(left.resolve(name));
            Files.createSymbolicLink(left.resolve(name), target);

            try (BlobStore<String> store = open()) {
                store.put("a", new byte[10]);
                requireVictimsUnharmed(before);
            }
            requireVictimsUnharmed(before);
            assertThat(victims.resolve("nothing")).doesNotExist();
        }
    }

    @Test
    void linkInThePlaceOfALeftDirectoryIsNotFollowed() throws IOException {
        Map<String, byte[]> before = TestStores.files(victims.resolve("lasting"));
        Path link = Files.createSymbolicLink(newName(), victims.resolve("lasting"));
        Path dangling = Files.createSymbolicLink(newName(), victims.resolve("nothing"));
        Path file = Files.writeString(newName(), "no directory");

        open().close();

        requireVictimsUnharmed(before);
        assertThat(present()).containsExactlyInAnyOrder(link, dangling, file);
    }

    /** Of the owner of the parent, root, or anybody: what counts is that it is another than ours. */
    @Test
    void directoryOfAForeignUserStays() throws IOException {
        Path foreign = abandoned();
        try {
            Files.setAttribute(foreign, "unix:uid", NOBODY, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            assumeTrue(false, "only root gives files away");
        }
        Map<String, byte[]> before = TestStores.files(foreign);

        open().close();

        assertThat(TestStores.files(foreign)).containsOnlyKeys(before.keySet());
        assertThat(present()).containsExactly(foreign);
    }

    @Test
    void directoryWithAForeignFileInItKeepsThatFile() throws IOException {
        Path left = abandoned();
        Path letter = Files.writeString(left.resolve("letter.txt"), "mine");
        open().close();
        assertThat(letter).hasContent("mine");
    }

    /** The link is resolved once: where it leads to later does not matter. */
    @Test
    void linkToTheParentMayBeTurnedElsewhereWhileAStoreIsOpen() throws IOException {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), parent);
        Map<String, byte[]> before = TestStores.files(victims.resolve("lasting"));
        try (BlobStore<String> store = BlobStore.builder(KeyCodec.utf8()).temporary(link)) {
            Files.delete(link);
            Files.createSymbolicLink(link, victims);
            store.put("a", new byte[5 << 20]);
            assertThat(store.get("a")).hasSize(5 << 20);
        }
        assertThat(present()).isEmpty();
        requireVictimsUnharmed(before);
        assertThat(victims).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void processesThatDeleteTheSameLeftStoresAtOnceDeleteEachOnceAndLeaveEachOtherAlone() throws Exception {
        int rounds = 3;
        try (ChildJvm child =
                ChildJvm.start(ChildJvm.classPath(), List.of(), TemporaryStoreProgram.class, parent, "-" + rounds)) {
            for (int round = 0; round < rounds; round++) {
                List<Path> left = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    left.add(abandoned());
                }
                child.awaitLine("ready");
                child.send("\n"); // It opens now, and so do we.
                try (BlobStore<String> store = open()) {
                    child.awaitLine("open");
                    assertThat(present()).doesNotContainAnyElementsOf(left).hasSize(2);
                    store.put("a", TestStores.blob(1000, 1));
                    child.send("\n");
                    child.awaitLine("usable");
                    assertThat(store.get("a")).isEqualTo(TestStores.blob(1000, 1));
                }
            }
            child.awaitEnd();
        }
        assertThat(present()).isEmpty();
    }
}
