package org.blobarena.bench.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;

/** A file for each blob, in 256 directories, written under another name first so that a reader sees no half of one. */
final class FilesEngine implements Engine {

    private static final HexFormat HEX = HexFormat.of();

    private final Path directory;

    private FilesEngine(Path directory) {
        this.directory = directory;
    }

    static Engine open(Path directory) throws IOException {
        for (int i = 0; i < 256; i++) {
            Files.createDirectories(directory.resolve(HEX.toHexDigits((byte) i)));
        }
        return new FilesEngine(directory);
    }

    private Path file(byte[] key) {
        return directory.resolve(HEX.toHexDigits(key[0])).resolve(HEX.formatHex(key));
    }

    @Override
    public void put(byte[] key, byte[] blob) throws IOException {
        Path file = file(key);
        Path written = directory.resolve(file.getFileName() + ".new");
        Files.write(written, blob);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public byte[] get(byte[] key) throws IOException {
        try {
            return Files.readAllBytes(file(key));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public boolean contains(byte[] key) {
        return Files.exists(file(key));
    }

    @Override
    public void delete(byte[] key) throws IOException {
        Files.deleteIfExists(file(key));
    }

    @Override
    public void close() {}
}
