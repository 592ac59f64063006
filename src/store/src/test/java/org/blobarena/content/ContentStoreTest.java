package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobWriter;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.testing.FailingSource;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentStoreTest {

    private static final byte[] BODY = TestStores.blob(1000, 1);
    private static final byte[] OTHER = TestStores.blob(1000, 2);

    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("content");
    }

    /** Lengths around those at which a stream goes to a file, and a blob to a file of its own. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (4 << 20) + 1})
    void everyKindOfPutStoresTheSameContentOnce(int length) throws IOException {
        byte[] content = TestStores.blob(length, 1);
        Path file = Files.write(temporary.resolve("file"), content);
        try (ContentStore store = ContentStore.open(directory())) {
            Digest digest = store.put(new ByteArrayInputStream(content));
            ByteBuffer buffer = ByteBuffer.wrap(content);

            assertThat(digest).isEqualTo(Digest.of(content));
            assertThat(store.get(digest)).isEqualTo(content);
            assertThat(store.put(content)).isEqualTo(digest);
            assertThat(store.put(buffer)).isEqualTo(digest);
            assertThat(buffer.hasRemaining()).isFalse();
            assertThat(store.put(file)).isEqualTo(digest);
            assertThat(store.put("a", content)).isEqualTo(digest);
            assertThat(store.put("b", ByteBuffer.wrap(content))).isEqualTo(digest);
            assertThat(store.put("c", new ByteArrayInputStream(content))).isEqualTo(digest);
            assertThat(store.put("d", file)).isEqualTo(digest);
            assertThat(store.contentCount()).isOne();
            assertThat(store.nameCount()).isEqualTo(4);
        }
        try (ContentStore store = ContentStore.open(directory())) {
            store.put(new byte[] {1}); // In the same file, if it is short.
            assertThat(store.put(file)).isEqualTo(Digest.of(content));
            long bytes = 0;
            for (Path arena : TestStores.arenas(directory().resolve("contents"))) {
                bytes += Files.size(arena);
            }
            assertThat(bytes).isLessThan(length + 4096L);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1000, 1 << 20, (1 << 20) + 1, 4 << 20, (4 << 20) + 1})
    void newFileAndNewArrayAreStored(int length) throws IOException {
        byte[] content = TestStores.blob(length, 1);
        byte[] other = TestStores.blob(length, 2);
        Path file = Files.write(temporary.resolve("file"), content);
        try (ContentStore store = ContentStore.open(directory())) {
            assertThat(store.get(store.put(file))).isEqualTo(content);
            assertThat(store.get(store.put(other))).isEqualTo(other);
            assertThat(store.put(new ByteArrayInputStream(content))).isEqualTo(Digest.of(content));
            assertThat(store.contentCount()).isEqualTo(length == 0 ? 1 : 2);
        }
    }

    @Test
    void contentIsReadInEveryWay() throws IOException {
        try (ContentStore store = ContentStore.open(directory())) {
            Digest digest = store.put(BODY);
            Digest absent = Digest.of(OTHER);
            ByteBuffer target = ByteBuffer.allocate(2000).position(7);
            Path file = temporary.resolve("out");

            assertThat(store.contains(digest)).isTrue();
            assertThat(store.sizeOf(digest)).hasValue(1000);
            assertThat(store.getVerified(digest)).isEqualTo(BODY);
            assertThat(store.get(digest, target)).hasValue(1000);
            assertThat(target.flip().position(7)).isEqualTo(ByteBuffer.wrap(BODY));
            assertThat(store.get(digest, file)).hasValue(1000);
            assertThat(file).hasBinaryContent(BODY);
            try (InputStream in = store.openStream(digest)) {
                assertThat(in.readAllBytes()).isEqualTo(BODY);
            }
            assertThatExceptionOfType(BufferOverflowException.class)
                    .isThrownBy(() -> store.get(digest, ByteBuffer.allocate(999)));

            assertThat(store.contains(absent)).isFalse();
            assertThat(store.sizeOf(absent)).isEmpty();
            assertThat(store.get(absent)).isNull();
            assertThat(store.getVerified(absent)).isNull();
            assertThat(store.openStream(absent)).isNull();
            assertThat(store.get(absent, target)).isEmpty();
            assertThat(store.get(absent, temporary.resolve("none"))).isEmpty();
            assertThat(temporary.resolve("none")).doesNotExist();
        }
    }

    @Test
    void contentThatWasWrittenWrongIsFoundWhereDigestsAreVerified() throws IOException {
        Digest digest = Digest.of(BODY);
        ContentStore.open(directory()).close();
        try (var contents = BlobStore.open(directory().resolve("contents"), new DigestCodec())) {
            contents.put(digest, OTHER);
        }
        try (ContentStore store = ContentStore.open(directory())) {
            assertThat(store.get(digest)).isEqualTo(OTHER);
            assertThatExceptionOfType(CorruptBlobException.class)
                    .isThrownBy(() -> store.getVerified(digest))
                    .withMessageContaining(digest.toString());
        }
        try (ContentStore store = ContentStore.builder().verifyDigests(true).open(directory())) {
            ByteBuffer target = ByteBuffer.allocate(2000).position(3);
            Path file = temporary.resolve("out");
            assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(() -> store.get(digest));
            assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(() -> store.get(digest, target));
            assertThat(target.position()).isEqualTo(3);
            assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(() -> store.get(digest, file));
            assertThat(file).doesNotExist();
            try (InputStream in = store.openStream(digest)) {
                assertThat(in.readNBytes(1000)).isEqualTo(OTHER);
                assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(in::read);
            }
            Digest right = store.put("right", BODY.clone());
            assertThat(right).isEqualTo(digest);
        }
    }

    @Test
    void verifyingReadsReturnWhatIsRight() throws IOException {
        byte[] content = TestStores.blob(200_000, 3);
        try (ContentStore store = ContentStore.builder()
                .verifyDigests(true)
                .compression(Compression.ZSTD)
                .open(directory())) {
            Digest digest = store.put(content);
            ByteBuffer target = ByteBuffer.allocate(200_003).position(3);

            assertThat(store.get(digest)).isEqualTo(content);
            assertThat(store.get(digest, target)).hasValue(200_000);
            assertThat(target.flip().position(3)).isEqualTo(ByteBuffer.wrap(content));
            assertThat(store.get(digest, temporary.resolve("out"))).hasValue(200_000);
            try (InputStream in = store.openStream(digest)) {
                assertThat(in.readAllBytes()).isEqualTo(content);
            }
        }
    }

    @Test
    void namesAreBoundResolvedAndUnbound() throws IOException {
        try (ContentStore store = ContentStore.open(directory())) {
            Digest body = store.put("a", BODY);
            Digest other = store.put(OTHER);
            store.bind("b", body);
            store.bind("a", other);

            assertThat(store.resolve("a")).isEqualTo(other);
            assertThat(store.resolve("b")).isEqualTo(body);
            assertThat(store.resolve("c")).isNull();
            try (Stream<String> names = store.names()) {
                assertThat(names).containsExactlyInAnyOrder("a", "b");
            }
            store.forEachName((name, digest) -> assertThat(digest).isEqualTo(name.equals("a") ? other : body));
            assertThat(store.unbind("a")).isTrue();
            assertThat(store.unbind("a")).isFalse();
            assertThat(store.resolve("a")).isNull();
            assertThat(store.contains(other)).isTrue();
        }
    }

    @Test
    void nameThatIsBoundToTheSameContentAgainIsNotWritten() throws IOException {
        try (ContentStore store = ContentStore.open(directory())) {
            Digest digest = store.put("a", BODY);
            Path names = TestStores.arenas(directory().resolve("names")).get(0);
            long bytes = Files.size(names);

            store.put("a", BODY);
            store.bind("a", digest);
            assertThat(Files.size(names)).isEqualTo(bytes);
            store.put("a", OTHER);
            assertThat(Files.size(names)).isGreaterThan(bytes);
        }
    }

    @Test
    void bindToMissingContentIsRefusedAndChangesNothing() throws IOException {
        try (ContentStore store = ContentStore.open(directory())) {
            Digest body = store.put("a", BODY);
            assertThatExceptionOfType(MissingContentException.class)
                    .isThrownBy(() -> store.bind("a", Digest.of(OTHER)))
                    .withMessageContaining("\"a\"")
                    .withMessageContaining(Digest.of(OTHER).toString());
            assertThat(store.resolve("a")).isEqualTo(body);
        }
    }

    @Test
    void collectionRemovesContentWithoutAName() throws IOException {
        try (ContentStore store = ContentStore.open(directory())) {
            Digest kept = store.put("kept", BODY);
            Digest unnamed = store.put(OTHER);
            Digest unbound = store.put("gone", new byte[10]);
            store.unbind("gone");
            CollectReport report;
            try (InputStream open = store.openStream(unnamed)) {
                report = store.collect();
                assertThat(open.readAllBytes()).isEqualTo(OTHER);
            }
            assertThat(report.complete()).isTrue();
            assertThat(report.names()).isOne();
            assertThat(report.contentsKept()).isOne();
            assertThat(report.contentsCollected()).isEqualTo(2);
            assertThat(report.bytesCollected()).isEqualTo(1010);
            assertThat(store.get(kept)).isEqualTo(BODY);
            assertThat(store.contains(unnamed)).isFalse();
            assertThat(store.get(unbound)).isNull();
            assertThatExceptionOfType(MissingContentException.class).isThrownBy(() -> store.bind("b", unnamed));
            assertThat(store.put(OTHER)).isEqualTo(unnamed);
            store.bind("b", unnamed);
            assertThat(store.collect().contentsCollected()).isZero();
            store.compact();
        }
    }

    @Test
    void cancelledCollectionLeavesTheRest() throws IOException {
        try (ContentStore store = ContentStore.open(directory())) {
            for (int i = 0; i < 3000; i++) {
                store.put(TestStores.blob(20, i));
            }
            store.put("kept", BODY);
            long[] updates = {0};
            CollectReport report = store.collect((done, total) -> {
                assertThat(done).isBetween(1L, total);
                updates[0]++;
                return updates[0] < 2;
            });
            assertThat(updates[0]).isEqualTo(2);
            assertThat(report.complete()).isFalse();
            assertThat(report.contentsCollected()).isBetween(1L, 2999L);
            assertThat(store.contentCount()).isEqualTo(3001 - report.contentsCollected());

            assertThat(store.collect().complete()).isTrue();
            assertThat(store.contentCount()).isOne();
        }
    }

    @Test
    void fileThatChangesWhileItIsStoredIsRefused() throws IOException {
        Path file = Files.write(temporary.resolve("file"), BODY);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ContentWrites.unchanged(file, Digest.of(BODY)).writeTo(written);
        assertThat(written.toByteArray()).isEqualTo(BODY);

        BlobWriter changed = ContentWrites.unchanged(file, Digest.of(OTHER));
        assertThatIOException().isThrownBy(() -> changed.writeTo(written)).withMessageContaining(file.toString());
    }

    @Test
    void streamThatFailsChangesNothing() throws IOException {
        try (ContentStore store = ContentStore.open(directory())) {
            Digest before = store.put("a", BODY);
            InputStream failing = new FailingSource(new byte[2 << 20], new IOException("the source fails"));
            assertThatIOException().isThrownBy(() -> store.put("a", failing)).withMessage("the source fails");
            assertThat(store.resolve("a")).isEqualTo(before);
            assertThat(store.contentCount()).isOne();
        }
    }

    @Test
    void directoryWithoutNamesIsRefused() throws IOException {
        try (ContentStore store = ContentStore.open(directory())) {
            store.put("a", BODY);
        }
        Path names = directory().resolve("names");
        Path contents = directory().resolve("contents");
        Path aside = temporary.resolve("aside");

        Files.move(names, aside);
        assertThatExceptionOfType(NotAStoreException.class)
                .isThrownBy(() -> ContentStore.open(directory()))
                .withMessageContaining("names");
        assertThat(names).doesNotExist();
        Files.move(aside, names);

        Files.move(contents, aside);
        assertThatExceptionOfType(NotAStoreException.class)
                .isThrownBy(() -> ContentStore.open(directory()))
                .withMessageContaining("contents");
        assertThat(contents).doesNotExist();
        Files.move(aside, contents);

        try (ContentStore store = ContentStore.open(directory())) {
            assertThat(store.get(store.resolve("a"))).isEqualTo(BODY);
        }
    }

    @Test
    void directoryOfOthersIsRefusedAndLeftAlone() throws IOException {
        Path letter = Files.writeString(Files.createDirectory(directory()).resolve("letter.txt"), "mine");
        assertThatExceptionOfType(NotAStoreException.class)
                .isThrownBy(() -> ContentStore.open(directory()))
                .withMessageContaining("letter.txt");
        try (Stream<Path> present = Files.list(directory())) {
            assertThat(present).containsExactly(letter);
        }
    }

    @Test
    void storeThatIsOpenIsLocked() throws IOException {
        try (ContentStore store = ContentStore.open(directory())) {
            store.put("a", BODY);
            assertThatExceptionOfType(StoreLockedException.class).isThrownBy(() -> ContentStore.open(directory()));
            assertThat(store.get(store.resolve("a"))).isEqualTo(BODY);
        }
    }

    @Test
    void spoolFileThatADeadProcessHasLeftIsDeleted() throws IOException {
        ContentStore.open(directory()).close();
        Path left = Files.write(directory().resolve("blobarena-1234567890.arena"), new byte[100]);
        Path other = Files.write(directory().resolve("blobarena-mine.arena"), new byte[100]);

        ContentStore.open(directory()).close();

        assertThat(left).doesNotExist();
        assertThat(other).exists();
    }

    @Test
    void snapshotIsAStoreWithTheSameContent() throws IOException {
        Path copy = temporary.resolve("copy");
        try (ContentStore store = ContentStore.open(directory())) {
            store.put("a", BODY);
            store.snapshot(copy);
            store.unbind("a");
            store.collect();
        }
        try (ContentStore store = ContentStore.open(copy)) {
            assertThat(store.get(store.resolve("a"))).isEqualTo(BODY);
        }
    }

    @Test
    void temporaryStoreLeavesNothing() throws IOException {
        try (ContentStore store = ContentStore.builder().temporary(temporary)) {
            Digest digest = store.put("a", new ByteArrayInputStream(new byte[3 << 20]));
            store.put("a", BODY);
            assertThat(store.collect().contentsCollected()).isOne();
            assertThat(store.contains(digest)).isFalse();
            store.force();
        }
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.toList()).isEqualTo(List.of());
        }
        try (ContentStore store = ContentStore.temporary()) {
            assertThat(store.contentCount()).isZero();
        }
    }

    @Test
    void progressOfACollectionCannotCollectButPutWhatIsKept() throws IOException {
        try (ContentStore store = ContentStore.open(directory())) {
            for (int i = 0; i < 2000; i++) {
                store.put("name" + i, TestStores.blob(10, i));
            }
            Digest unnamed = store.put(BODY);
            CollectReport report = store.collect((done, total) -> {
                assertThatIllegalStateException().isThrownBy(store::collect);
                assertThatNoException().isThrownBy(() -> store.put("late", BODY));
                return true;
            });

            assertThat(report.contentsCollected()).isZero();
            assertThat(store.resolve("late")).isEqualTo(unnamed);
            assertThat(store.get(unnamed)).isEqualTo(BODY);
        }
    }
}
