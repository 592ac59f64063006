package org.blobarena.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a blob to a file of the user's. */
final class BlobFile {

    private BlobFile() {}

    /** Whoever looks finds the old file or the new one. Interrupts do not reach the stream that is written to. */
    static void replace(Path file, BlobView blob) throws IOException {
        Path part = file.toAbsolutePath().resolveSibling(".blobarena-" + UUID.randomUUID() + ".part");
        try {
            try (OutputStream out =
                            Files.newOutputStream(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    BlobInputStream in = new BlobInputStream(blob)) {
                in.transferTo(out);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException e) {
            deleteAfter(e, part);
            throw e;
        }
    }

    private static void deleteAfter(Exception cause, Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
