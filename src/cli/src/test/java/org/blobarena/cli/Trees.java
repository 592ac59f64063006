package org.blobarena.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Makes trees of files and compares them. */
public final class Trees {

    private Trees() {}

    /** Writes a file of text and the directories above it. */
    static Path file(Path root, String name, String text) throws IOException {
        return file(root, name, text.getBytes(StandardCharsets.UTF_8));
    }

    static Path file(Path root, String name, byte[] content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, content);
    }

    /** Writes files of 0 to 4 KiB with long names. */
    static void many(Path root, int files, long seed) throws IOException {
        Random random = new Random(seed);
        String longName = "a-name-that-fills-pipes-soon-".repeat(6);
        for (int i = 0; i < files; i++) {
            byte[] content = new byte[random.nextInt(4096)];
            random.nextBytes(content);
            file(root, "d" + i % 20 + "/" + longName + i, content);
        }
    }

    /** Writes a file of pieces that differ from each other. */
    static void large(Path file, long bytes, long seed) throws IOException {
        byte[] piece = new byte[1 << 20];
        new Random(seed).nextBytes(piece);
        Files.createDirectories(file.getParent());
        try (var out = Files.newOutputStream(file)) {
            for (long left = bytes; left > 0; left -= piece.length) {
                ByteBuffer.wrap(piece).putLong(left);
                out.write(piece, 0, (int) Math.min(left, piece.length));
            }
        }
    }

    /** Every regular file by its path from the root, with its length and checksum. */
    public static SortedMap<String, String> contents(Path root) throws IOException {
        SortedMap<String, String> contents = new TreeMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    contents.put(root.relativize(file).toString(), attributes.size() + " " + checksum(file));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return contents;
    }

    private static long checksum(Path file) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] piece = new byte[1 << 16];
        try (var in = Files.newInputStream(file)) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                checksum.update(piece, 0, count);
            }
        }
        return checksum.getValue();
    }
}
