package org.blobarena.index.chronicle;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.blobarena.index.chronicle.map.IndexFile;

/**
 * A checksum behind the content of a closed map's file.
 *
 * <p>Chronicle Map trusts its file: damage makes it wait a minute for a header that never becomes ready, or follow
 * positions out of the mapped memory, which ends the JVM. So a file is sealed when it is closed to be opened again, and
 * is opened only if the seal is right; the seal is cut off then. It is read once from end to end for that, about as fast
 * as the disk or the page cache gives it.
 */
final class IndexSeal {

    /** "BLOBINDX" in ASCII. */
    private static final long MAGIC = 0x58444e49_424f4c42L;

    private static final int BYTES = 24;
    private static final int MAGIC_OFFSET = 0;
    private static final int LENGTH_OFFSET = 8;
    private static final int CHECKSUM_OFFSET = 16;
    private static final int RESERVED_OFFSET = 20;
    private static final int PIECE_BYTES = 1 << 18;

    private IndexSeal() {}

    /** Appends the seal; the caller forces the file. */
    static void append(Path path) throws IOException {
        // Its reads and writes, other than a channel's, are not open to interrupts.
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            long length = file.length();
            int checksum = checksum(file, length);
            file.seek(length);
            file.write(ByteBuffer.allocate(BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(MAGIC_OFFSET, MAGIC)
                    .putLong(LENGTH_OFFSET, length)
                    .putInt(CHECKSUM_OFFSET, checksum)
                    .array());
        }
    }

    /**
     * Compares the content with the seal, and cuts the seal off.
     *
     * @throws IOException if there is no seal or another content
     */
    static void remove(Path path) throws IOException {
        IndexFile.requireRegular(path);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            long length = file.length() - BYTES;
            if (length < 0) {
                throw new IOException("index file " + path + " has " + file.length() + " bytes, fewer than its seal");
            }
            byte[] bytes = new byte[BYTES];
            file.seek(length);
            file.readFully(bytes);
            ByteBuffer seal = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            if (seal.getLong(MAGIC_OFFSET) != MAGIC
                    || seal.getLong(LENGTH_OFFSET) != length
                    || seal.getInt(RESERVED_OFFSET) != 0) {
                throw new IOException("index file " + path + " does not end in its seal");
            }
            int found = checksum(file, length);
            if (seal.getInt(CHECKSUM_OFFSET) != found) {
                throw new IOException(String.format(
                        Locale.ROOT,
                        "index file %s is damaged: expected checksum %08x, found %08x",
                        path,
                        seal.getInt(CHECKSUM_OFFSET),
                        found));
            }
            file.setLength(length);
        }
    }

    private static int checksum(RandomAccessFile file, long length) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] piece = new byte[PIECE_BYTES];
        file.seek(0);
        for (long at = 0; at < length; ) {
            int count = (int) Math.min(piece.length, length - at);
            file.readFully(piece, 0, count);
            checksum.update(piece, 0, count);
            at += count;
        }
        return (int) checksum.getValue();
    }
}
