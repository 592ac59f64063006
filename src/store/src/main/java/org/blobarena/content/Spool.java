package org.blobarena.content;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import org.blobarena.arena.ArenaFile;
import org.blobarena.arena.ArenaFullException;
import org.blobarena.arena.ArenaOptions;
import org.blobarena.arena.FileArenaWriter;
import org.blobarena.store.api.BlobTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * What a stream has had, kept until its digest is known: in memory if it is short, else in a temporary file without a name.
 */
final class Spool implements Closeable {

    private static final int PIECE_BYTES = 64 * 1024;

    private final Digest digest;
    private final byte[] memory;
    private final int memoryBytes;
    private final @Nullable ArenaFile file;

    private Spool(Digest digest, byte[] memory, int memoryBytes, @Nullable ArenaFile file) {
        this.digest = digest;
        this.memory = memory;
        this.memoryBytes = memoryBytes;
        this.file = file;
    }

    /**
     * Reads to the end of a stream, which stays open.
     *
     * @param directory where a file would be made
     * @param memoryBytesMax how much is kept in memory
     */
    static Spool of(InputStream source, Path directory, int memoryBytesMax) throws IOException {
        MessageDigest sha256 = Digest.sha256();
        byte[] memory = new byte[Math.min(PIECE_BYTES, memoryBytesMax)];
        int length = 0;
        while (true) {
            int count = source.readNBytes(memory, length, memory.length - length);
            sha256.update(memory, length, count);
            length += count;
            if (length < memory.length) {
                return new Spool(Digest.of(sha256), memory, length, null);
            }
            if (length == memoryBytesMax) {
                return toFile(source, directory, sha256, memory);
            }
            memory = Arrays.copyOf(memory, (int) Math.min(2L * length, memoryBytesMax));
        }
    }

    private static Spool toFile(InputStream source, Path directory, MessageDigest sha256, byte[] begun)
            throws IOException {
        int next = source.read();
        if (next < 0) {
            return new Spool(Digest.of(sha256), begun, begun.length, null);
        }
        ArenaOptions options =
                ArenaOptions.builder().temporaryDirectory(directory).build();
        FileArenaWriter writer = FileArenaWriter.temporary(0, options);
        try {
            writer.push(begun);
            byte[] piece = new byte[PIECE_BYTES];
            piece[0] = (byte) next;
            int count = 1;
            do {
                sha256.update(piece, 0, count);
                writer.push(ByteBuffer.wrap(piece, 0, count));
                count = source.read(piece);
            } while (count >= 0);
            return new Spool(Digest.of(sha256), begun, 0, writer.finish());
        } catch (ArenaFullException e) {
            closeAfter(e, writer);
            throw new BlobTooLargeException("the stream has more than " + ArenaOptions.FILE_BYTES_LIMIT + " bytes");
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(e, writer);
            throw e;
        }
    }

    private static void closeAfter(Throwable cause, FileArenaWriter writer) {
        try {
            writer.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    Digest digest() {
        return digest;
    }

    boolean isInMemory() {
        return file == null;
    }

    /** Returns all of it, if it is in memory. */
    ByteBuffer inMemory() {
        return ByteBuffer.wrap(memory, 0, memoryBytes);
    }

    /** Reads all of it, if it is in a file. */
    InputStream stream() {
        return new FileStream(Objects.requireNonNull(file));
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }

    private static final class FileStream extends InputStream {

        private final ArenaFile file;
        private long position;

        FileStream(ArenaFile file) {
            this.file = file;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, file.length() - position);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int count = (int) Math.min(length, file.length() - position);
            if (count == 0 && length > 0) {
                return -1;
            }
            file.read(ByteBuffer.wrap(target, from, count), position);
            position += count;
            return count;
        }
    }
}
