package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program without the optional library, on a store that was not closed and has a compressed blob. */
class CompressionWithoutLibraryTest {

    @TempDir
    Path temporary;

    @Test
    void everythingWorksButCompressionWhichNamesWhatItNeeds() throws Exception {
        Path directory = temporary.resolve("store");
        BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8());
        store.put("plain", new byte[1000]);
        store.put("removed", new byte[1000]);
        store.withCompression(Compression.ZSTD).put("compressed", new byte[1000]);
        StoreAccess.crash(store);
        List<Path> classPath = ChildJvm.classPath().stream()
                .filter(path -> !path.equals(ChildJvm.classesOf(ZstdCompressCtx.class)))
                .toList();

        try (ChildJvm child = ChildJvm.start(classPath, List.of(), Program.class, directory)) {
            assertThat(child.awaitEnd())
                    .satisfiesExactly(
                            line -> assertThat(line).startsWith("option: ").contains("com.github.luben:zstd-jni"),
                            line -> assertThat(line).startsWith("view: ").contains("com.github.luben:zstd-jni"),
                            line -> assertThat(line).startsWith("read: ").contains("com.github.luben:zstd-jni"),
                            line -> assertThat(line).isEqualTo("all else works"));
        }
        try (BlobStore<String> again = BlobStore.open(directory, KeyCodec.utf8())) {
            assertThat(again.get("compressed")).isEqualTo(new byte[1000]);
        }
    }

    /** Fails with an exception, and so with an exit code. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            try {
                BlobStore.builder(KeyCodec.utf8())
                        .compression(Compression.ZSTD)
                        .open(directory.resolveSibling("other"));
            } catch (IllegalStateException e) {
                System.out.println("option: " + e.getMessage());
            }
            require(!Files.exists(directory.resolveSibling("other")));
            try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
                try {
                    store.withCompression(Compression.ZSTD);
                } catch (IllegalStateException e) {
                    System.out.println("view: " + e.getMessage());
                }
                try {
                    store.get("compressed");
                } catch (IOException e) {
                    System.out.println("read: " + e.getMessage());
                }
                require(Arrays.equals(store.get("plain"), new byte[1000]));
                require(store.sizeOf("compressed").getAsLong() == 1000);
                store.remove("removed");
                store.compact();
                require(store.verify().isIntact());
                require(store.sizeOf("compressed").getAsLong() == 1000);
            }
            System.out.println("all else works");
        }

        private static void require(boolean condition) {
            if (!condition) {
                throw new IllegalStateException("not as it should be");
            }
        }
    }
}
