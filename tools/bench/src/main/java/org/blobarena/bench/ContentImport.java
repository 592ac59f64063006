package org.blobarena.bench;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.blobarena.content.ContentStore;
import org.blobarena.content.Digest;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;

/**
 * Imports trees of files into a content store, and into a store under their paths, in turns, from the page cache. The first
 * round warms up.
 */
public final class ContentImport {

    private static final double MIB = 1 << 20;

    private ContentImport() {}

    /**
     * Runs it.
     *
     * @param arguments a directory with room, the number of rounds, the trees
     */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "blobarena-content-");
        int rounds = Integer.parseInt(arguments[1]);
        try {
            List<Path> files = new ArrayList<>();
            long bytes = 0;
            for (String tree : Arrays.asList(arguments).subList(2, arguments.length)) {
                try (Stream<Path> paths = Files.walk(Path.of(tree))) {
                    paths.filter(Files::isRegularFile).forEach(files::add);
                }
            }
            for (Path file : files) {
                bytes += Files.size(file);
            }
            System.out.printf("%d files, %.0f MiB%n", files.size(), bytes / MIB);
            for (int round = 0; round <= rounds; round++) {
                double digest = bytes / MIB / digestAll(files);
                double plain = bytes / MIB / putAll(directory.resolve("plain"), files);
                Imported imported = importAll(directory.resolve("content"), files);
                double content = bytes / MIB / imported.seconds;
                System.out.printf(
                        "round %d: put %.0f MiB/s, put by content %.0f MiB/s, %.2f of it; SHA-256 alone %.0f MiB/s%n",
                        round, plain, content, content / plain, digest);
                if (round == rounds) {
                    System.out.printf(
                            "%d distinct contents, %.0f MiB on disk, 1 of %.2f bytes; per distinct content %.1f bytes of"
                                    + " index, and as many per name; heap %+d KiB%n",
                            imported.contents,
                            imported.diskBytes / MIB,
                            (double) bytes / imported.diskBytes,
                            (double) imported.indexBytes / imported.contents,
                            imported.heapBytes >> 10);
                }
                ColdBatch.delete(directory.resolve("plain"));
                ColdBatch.delete(directory.resolve("content"));
            }
        } finally {
            ColdBatch.delete(directory);
        }
    }

    /** The seconds it takes to read the files and compute their digests, and nothing else. */
    private static double digestAll(List<Path> files) throws IOException {
        byte[] piece = new byte[1 << 20];
        long start = System.nanoTime();
        for (Path file : files) {
            MessageDigest sha256 = sha256();
            try (InputStream in = Files.newInputStream(file)) {
                for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                    sha256.update(piece, 0, count);
                }
            }
            if (sha256.digest().length != Digest.BYTES) {
                throw new IllegalStateException("no SHA-256");
            }
        }
        return seconds(start);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Imported(double seconds, long contents, long diskBytes, long indexBytes, long heapBytes) {}

    /** The seconds it takes. */
    private static double putAll(Path directory, List<Path> files) throws IOException {
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            long start = System.nanoTime();
            for (Path file : files) {
                store.put(file.toString(), file);
            }
            return seconds(start);
        }
    }

    private static Imported importAll(Path directory, List<Path> files) throws IOException {
        long heap = heapBytes();
        try (ContentStore store = ContentStore.open(directory)) {
            long start = System.nanoTime();
            for (Path file : files) {
                store.put(file.toString(), file);
            }
            double seconds = seconds(start);
            return new Imported(
                    seconds,
                    store.contentCount(),
                    bytes(directory.resolve("contents"), ".arena"),
                    store.stats().contents().indexBytes(),
                    heapBytes() - heap);
        }
    }

    private static long bytes(Path directory, String suffix) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                bytes += file.toString().endsWith(suffix) ? Files.size(file) : 0;
            }
        }
        return bytes;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static long heapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
