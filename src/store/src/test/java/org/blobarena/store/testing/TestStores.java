package org.blobarena.store.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;

/** Stores, blobs and directories for the tests of this package. */
public final class TestStores {

    public static final int SMALL_FILE_BYTES = 64 * 1024;
    public static final List<Durability> DURABILITIES = List.of(Durability.values());

    private TestStores() {}

    /** A store of small files whose index is on the heap and rebuilt at every opening, and that compacts when asked. */
    public static BlobStoreBuilder<String> onHeap() {
        return onHeap(HeapLocationIndexFactory.forgetting());
    }

    /** A store of small files whose index is on the heap, that compacts when asked and forces nothing, for speed. */
    public static BlobStoreBuilder<String> onHeap(HeapLocationIndexFactory indexes) {
        return StoreAccess.environment(
                BlobStore.builder(KeyCodec.utf8())
                        .arenaBytesMax(SMALL_FILE_BYTES)
                        .bufferBytes(4096)
                        .automaticCompaction(false),
                new StoreEnvironment(
                        (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)), indexes));
    }

    /** The same on a directory of the test's. */
    public static BlobStoreBuilder<String> onHeap(Directory directory) {
        return StoreAccess.environment(
                onHeap(), new StoreEnvironment((path, create) -> directory, HeapLocationIndexFactory.forgetting()));
    }

    /** Bytes that depend on the seed alone. */
    public static byte[] blob(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed * 0x9E3779B97F4A7C15L + length).nextBytes(bytes);
        return bytes;
    }

    /** All that can be read. */
    public static Map<String, ByteBuffer> content(BlobStore<String> store) throws IOException {
        Map<String, ByteBuffer> content = new HashMap<>();
        store.forEach((key, blob) -> {
            if (content.put(key, ByteBuffer.wrap(blob)) != null) {
                throw new AssertionError(key + " was visited twice");
            }
        });
        return content;
    }

    /** Copies a directory of files, without the lock file. */
    public static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (Map.Entry<String, byte[]> file : files(from).entrySet()) {
            Files.write(to.resolve(file.getKey()), file.getValue());
        }
        return to;
    }

    /** The content of every file but the lock file. */
    public static Map<String, byte[]> files(Path directory) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (!entry.endsWith("LOCK")) {
                    files.put(entry.getFileName().toString(), Files.readAllBytes(entry));
                }
            }
        }
        return files;
    }

    /** Makes a directory hold these files and nothing else. */
    public static void restore(Path directory, Map<String, byte[]> files) throws IOException {
        Files.createDirectories(directory);
        Map<String, byte[]> present = files(directory);
        for (Map.Entry<String, byte[]> file : present.entrySet()) {
            if (!Arrays.equals(file.getValue(), files.get(file.getKey()))) {
                // Rather than overwritten, which some file systems take as a request to force.
                Files.delete(directory.resolve(file.getKey()));
            }
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            if (!Arrays.equals(file.getValue(), present.get(file.getKey()))) {
                Files.write(directory.resolve(file.getKey()), file.getValue());
            }
        }
    }

    /** The arena files in the order of their ids. */
    public static List<Path> arenas(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(path -> path.toString().endsWith(".arena"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
