package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.blobarena.cache.BlobCache;
import org.blobarena.content.ContentStore;
import org.blobarena.content.SeenSet;
import org.blobarena.format.FileNames;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.testing.UsualIndex;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stores whose index is of another kind than at the last opening. */
class IndexKindTest {

    @TempDir
    Path temporary;

    private final Map<String, ByteBuffer> model = new HashMap<>();
    private Path directory;

    @BeforeEach
    void requireBothKinds() {
        UsualIndex.assumeChronicleMap();
        directory = temporary.resolve("store");
    }

    @ParameterizedTest
    @EnumSource(names = {"CHRONICLE_MAP", "TABLE"})
    void otherKindIsMadeFromTheFilesAndReplacesTheFirst(IndexKind first) throws IOException {
        fill(first);
        String old = index();
        IndexKind second = other(first);
        try (BlobStore<String> store = open(second)) {
            assertThat(store.stats().indexKind()).isEqualTo(factory(second).name());
            assertThat(store.stats().opening().clean()).isFalse();
            requireWhole(store);
            assertThat(directory.resolve(old)).doesNotExist();
        }
        assertThat(factory(second).owns(index())).isTrue();
        try (BlobStore<String> store = open(second)) {
            assertThat(store.stats().opening().clean()).isTrue();
            requireWhole(store);
        }
        try (BlobStore<String> store = open(first)) {
            requireWhole(store);
            store.put("more", new byte[1]);
        }
        assertThat(factory(first).owns(index())).isTrue();
    }

    /** So that two programs of which one does not say what it wants do not make each other's index anew. */
    @ParameterizedTest
    @EnumSource(names = {"CHRONICLE_MAP", "TABLE"})
    void kindOfTheStoreIsUsedWhereNobodyAsksForAnother(IndexKind kind) throws IOException {
        fill(kind);
        String made = index();
        try (BlobStore<String> store = open(IndexKind.AUTOMATIC)) {
            assertThat(store.stats().indexKind()).isEqualTo(factory(kind).name());
            assertThat(store.stats().opening().clean()).isTrue();
            requireWhole(store);
            model.remove("key7");
            store.remove("key7");
        }
        assertThat(factory(kind).owns(made)).isTrue();
        try (BlobStore<String> store = open(kind)) {
            assertThat(store.stats().opening().clean()).isTrue();
            requireWhole(store);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CHRONICLE_MAP", "TABLE"})
    void kindOfTheStoreStaysWhereItsMarkIsDamagedOrMissing(IndexKind kind) throws IOException {
        fill(kind);
        Map<String, byte[]> closed = TestStores.files(directory);
        byte[] damaged = closed.get(FileNames.CLEAN).clone();
        damaged[damaged.length / 2] ^= 1;
        for (byte[] mark : new byte[][] {damaged, {}, null}) {
            TestStores.restore(directory, closed);
            if (mark == null) {
                Files.delete(directory.resolve(FileNames.CLEAN));
            } else {
                Files.write(directory.resolve(FileNames.CLEAN), mark);
            }
            try (BlobStore<String> store = open(IndexKind.AUTOMATIC)) {
                assertThat(store.stats().indexKind()).isEqualTo(factory(kind).name());
                assertThat(store.stats().opening().clean()).isFalse();
                requireWhole(store);
            }
        }
    }

    @Test
    void kindOfAStoreWithoutItsIndexIsTheUsualOne() throws IOException {
        fill(IndexKind.TABLE);
        Files.delete(directory.resolve(index()));
        try (BlobStore<String> store = open(IndexKind.AUTOMATIC)) {
            assertThat(store.stats().indexKind()).isEqualTo("chronicle-map");
            requireWhole(store);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CHRONICLE_MAP", "TABLE"})
    void crashWhileTheOtherKindIsMadeLosesNothing(IndexKind first) throws IOException {
        fill(first);
        Map<String, byte[]> closed = TestStores.files(directory);
        IndexKind second = other(first);
        for (IndexKind next : List.of(first, second)) {
            TestStores.restore(directory, closed);
            assertThatThrownBy(() -> StoreAccess.environment(
                                    BlobStore.builder(KeyCodec.utf8()),
                                    new StoreEnvironment(StoreOpener::openDirectory, new DyingFactory(factory(second))))
                            .open(directory))
                    .hasMessage("died");
            try (BlobStore<String> store = open(next)) {
                assertThat(store.stats().indexKind()).isEqualTo(factory(next).name());
                requireWhole(store);
            }
            assertThat(factory(next).owns(index())).isTrue();
        }
    }

    /** As when a backup was put back over a store. */
    @ParameterizedTest
    @EnumSource(names = {"CHRONICLE_MAP", "TABLE"})
    void filesOfBothKindsComeToOne(IndexKind first) throws IOException {
        fill(first);
        Path old = Files.copy(directory.resolve(index()), temporary.resolve(index()));
        IndexKind second = other(first);
        try (BlobStore<String> store = open(second)) {
            model.remove("key7");
            store.remove("key7");
        }
        Map<String, byte[]> closed = TestStores.files(directory);
        closed.put(old.getFileName().toString(), Files.readAllBytes(old));
        for (IndexKind next : List.of(first, second)) {
            TestStores.restore(directory, closed);
            try (BlobStore<String> store = open(next)) {
                assertThat(store.stats().opening().clean()).isEqualTo(next == second);
                requireWhole(store);
            }
            assertThat(factory(next).owns(index())).isTrue();
        }
    }

    /** Under the name that the mark says, and of as many keys. */
    @Test
    void tableOfAnotherStoreOrOfAnEarlierCloseIsNotBelieved() throws IOException {
        fill(IndexKind.TABLE);
        byte[] earlier = Files.readAllBytes(directory.resolve(index()));
        byte[] replacement = TestStores.blob(50, 1_000);
        try (BlobStore<String> store = open(IndexKind.TABLE)) {
            store.put("key1", replacement);
            model.put("key1", ByteBuffer.wrap(replacement));
        }
        Map<String, byte[]> closed = TestStores.files(directory);
        String index = index();

        Path own = directory;
        directory = temporary.resolve("other");
        Map<String, ByteBuffer> ownModel = Map.copyOf(model);
        fill(IndexKind.TABLE);
        byte[] other = Files.readAllBytes(directory.resolve(index()));
        byte[] otherMark = Files.readAllBytes(directory.resolve(FileNames.CLEAN));
        String otherName = index();
        directory = own;
        model.clear();
        model.putAll(ownModel);

        for (byte[] foreign : List.of(earlier, other)) {
            TestStores.restore(directory, closed);
            Files.write(directory.resolve(index), foreign);
            requireRebuilt();
        }
        TestStores.restore(directory, closed);
        Files.delete(directory.resolve(index));
        Files.write(directory.resolve(otherName), other);
        Files.write(directory.resolve(FileNames.CLEAN), otherMark);
        requireRebuilt();
    }

    private void requireRebuilt() throws IOException {
        try (BlobStore<String> store = open(IndexKind.TABLE)) {
            assertThat(store.stats().opening().clean()).isFalse();
            requireWhole(store);
        }
    }

    /** What the index of the last close tells of lost blobs is not lost with its kind. */
    @Test
    void repairAsksTheIndexOfTheLastCloseOfWhateverKind() throws IOException {
        fill(IndexKind.TABLE);
        String old = index();
        Path arena = directory.resolve("00000001.arena");
        byte[] bytes = Files.readAllBytes(arena);
        bytes[new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("key7") + 4] ^= 1;
        Files.write(arena, bytes);

        RepairReport report = BlobStore.repair(directory);

        assertThat(report.losses()).hasSize(1);
        assertThat(directory.resolve(old)).exists();
        model.remove("key7");
        try (BlobStore<String> store = open(IndexKind.AUTOMATIC)) {
            requireWhole(store);
        }
    }

    @Test
    void everyBuilderHasTheOption() throws IOException {
        try (BlobStore<String> store =
                BlobStore.builder(KeyCodec.utf8()).index(IndexKind.TABLE).temporary(temporary)) {
            store.put("key", new byte[1]);
            assertThat(store.stats().indexKind()).isEqualTo("table");
        }
        try (BlobCache<String> cache = BlobCache.builder(KeyCodec.utf8())
                .maximumBytes(8 << 20)
                .index(IndexKind.TABLE)
                .open(directory)) {
            assertThat(cache.get("key", key -> new byte[1])).hasSize(1);
        }
        assertThat(factory(IndexKind.TABLE).owns(index())).isTrue();
        directory = temporary.resolve("contents");
        ContentStore.builder().index(IndexKind.TABLE).open(directory).close();
        for (String part : List.of("names", "contents")) {
            directory = temporary.resolve("contents").resolve(part);
            assertThat(factory(IndexKind.TABLE).owns(index())).isTrue();
        }
        directory = temporary.resolve("set");
        SeenSet.builder(KeyCodec.utf8()).index(IndexKind.TABLE).open(directory).close();
        assertThat(factory(IndexKind.TABLE).owns(index())).isTrue();
    }

    private static LocationIndexFactory factory(IndexKind kind) {
        return kind.choice().forStore(List.of());
    }

    private static IndexKind other(IndexKind kind) {
        return kind == IndexKind.TABLE ? IndexKind.CHRONICLE_MAP : IndexKind.TABLE;
    }

    private BlobStore<String> open(IndexKind kind) throws IOException {
        return BlobStore.builder(KeyCodec.utf8()).index(kind).open(directory);
    }

    private void fill(IndexKind kind) throws IOException {
        try (BlobStore<String> store = open(kind)) {
            for (int i = 0; i < 300; i++) {
                byte[] blob = TestStores.blob(50, i);
                store.put("key" + i, blob);
                model.put("key" + i, ByteBuffer.wrap(blob));
            }
            for (int i = 0; i < 300; i += 10) {
                store.remove("key" + i);
                model.remove("key" + i);
            }
        }
    }

    private void requireWhole(BlobStore<String> store) throws IOException {
        assertThat(store.stats().opening().damage()).isEmpty();
        assertThat(TestStores.content(store)).isEqualTo(model);
        assertThat(store.verify().damage()).isEmpty();
    }

    /** The one index file that there is. */
    private String index() throws IOException {
        List<String> names = TestStores.files(directory).keySet().stream()
                .filter(name -> name.startsWith("index-"))
                .toList();
        assertThat(names).hasSize(1);
        return names.get(0);
    }

    /** Makes an index, and dies before anything is in it. */
    private record DyingFactory(LocationIndexFactory made) implements LocationIndexFactory {

        @Override
        public String name() {
            return made.name();
        }

        @Override
        public boolean owns(String fileName) {
            return made.owns(fileName);
        }

        @Override
        public LocationIndex create(Path path, long expectedKeys) throws IOException {
            made.create(path, expectedKeys).close();
            throw new IOException("died");
        }

        @Override
        public LocationIndex open(Path path, String name, long expectedSize) throws IOException {
            throw new IOException("died before");
        }

        @Override
        public LocationIndex openCopy(Path path, String name, long expectedSize, Path scratch) throws IOException {
            throw new IOException("nobody repairs here");
        }
    }
}
