package org.blobarena.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;

/** Puts and gets the files of a directory with compression and without, in turns, from memory and the page cache. */
public final class CompressionCost {

    private static final int FILES_MAX = 4000;
    private static final long FILE_BYTES_MAX = 1 << 20;

    private CompressionCost() {}

    /**
     * Runs it.
     *
     * @param arguments a directory with room, a directory of files to store, the number of rounds
     */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "blobarena-compression-");
        int rounds = Integer.parseInt(arguments[2]);
        try {
            List<byte[]> blobs = read(Path.of(arguments[1]));
            for (int round = 0; round < rounds; round++) {
                Cost plain = cost(directory.resolve("plain-" + round), blobs, Compression.NONE);
                Cost compressed = cost(directory.resolve("compressed-" + round), blobs, Compression.ZSTD);
                System.out.printf(
                        "round %d: %d blobs, %d bytes: %.2f of the space, puts %.1f times, gets %.1f times as long%n",
                        round,
                        blobs.size(),
                        plain.bytes,
                        (double) compressed.bytes / plain.bytes,
                        (double) compressed.putNanos / plain.putNanos,
                        (double) compressed.getNanos / plain.getNanos);
            }
        } finally {
            ColdBatch.delete(directory);
        }
    }

    private record Cost(long bytes, long putNanos, long getNanos) {}

    private static List<byte[]> read(Path directory) throws IOException {
        List<byte[]> blobs = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                if (blobs.size() < FILES_MAX && Files.isRegularFile(path) && Files.size(path) <= FILE_BYTES_MAX) {
                    blobs.add(Files.readAllBytes(path));
                }
            }
        }
        return blobs;
    }

    private static Cost cost(Path directory, List<byte[]> blobs, Compression compression) throws IOException {
        try (BlobStore<Long> store = BlobStore.builder(KeyCodec.longs())
                .durability(Durability.BUFFERED)
                .compression(compression)
                .open(directory)) {
            long start = System.nanoTime();
            for (int i = 0; i < blobs.size(); i++) {
                store.put((long) i, blobs.get(i));
            }
            long put = System.nanoTime();
            for (int i = 0; i < blobs.size(); i++) {
                if (store.get((long) i).length != blobs.get(i).length) {
                    throw new IllegalStateException("blob " + i + " has another length");
                }
            }
            return new Cost(store.stats().liveBytes(), put - start, System.nanoTime() - put);
        }
    }
}
