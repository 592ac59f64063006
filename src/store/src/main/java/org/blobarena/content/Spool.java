package org.blobarena.content;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
     * How a stream is kept.
     *
     * @param directory where a file would be made
     * @param memoryBytesMax how much is kept in memory
     * @param bytesMax a longer stream is refused
     */
    record Limits(Path directory, int memoryBytesMax, long bytesMax) {

        Limits withMemory(int bytes) {
            return new Limits(directory, bytes, bytesMax);
        }
    }

    /**
     * Reads to the end of a stream, which stays open.
     *
     * @param bytesExpected how much the stream is thought to have; one that has just that is read into one array
     * @throws BlobTooLargeException if it has more than it may
     */
    static Spool of(InputStream source, int bytesExpected, Limits limits) throws IOException {
        MessageDigest sha256 = Digest.sha256();
        byte[] memory = new byte[Math.min(bytesExpected + 1, limits.memoryBytesMax)];
        int length = 0;
        while (true) {
            int count = source.readNBytes(memory, length, memory.length - length);
            sha256.update(memory, length, count);
            length += count;
            if (length < memory.length) {
                return new Spool(Digest.of(sha256), memory, length, null);
            }
            if (length == limits.memoryBytesMax) {
                return toFile(source, limits, sha256, memory);
            }
            memory = Arrays.copyOf(memory, (int) Math.min(Math.max(PIECE_BYTES, 2L * length), limits.memoryBytesMax));
        }
    }

    private static Spool toFile(InputStream source, Limits limits, MessageDigest sha256, byte[] begun)
            throws IOException {
        int next = source.read();
        if (next < 0) {
            return new Spool(Digest.of(sha256), begun, begun.length, null);
        }
        ArenaOptions options =
                ArenaOptions.builder().temporaryDirectory(limits.directory).build();
        FileArenaWriter writer = FileArenaWriter.temporary(0, options);
        try {
            writer.push(begun);
            byte[] piece = new byte[PIECE_BYTES];
            piece[0] = (byte) next;
            int count = 1;
            do {
                if (writer.length() + count > limits.bytesMax) {
                    throw tooLarge(limits);
                }
                sha256.update(piece, 0, count);
                writer.push(ByteBuffer.wrap(piece, 0, count));
                count = source.read(piece);
            } while (count >= 0);
            return new Spool(Digest.of(sha256), begun, 0, writer.finish());
        } catch (ArenaFullException e) {
            Closing.after(e, writer);
            throw tooLarge(limits);
        } catch (IOException | RuntimeException | Error e) {
            Closing.after(e, writer);
            throw e;
        }
    }

    private static BlobTooLargeException tooLarge(Limits limits) {
        return new BlobTooLargeException("the content has more than " + limits.bytesMax + " bytes");
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

    /** Writes all of it, if it is in a file. */
    void writeTo(OutputStream out) throws IOException {
        ArenaFile from = Objects.requireNonNull(file);
        byte[] piece = new byte[PIECE_BYTES];
        for (long position = 0; position < from.length(); ) {
            int count = (int) Math.min(piece.length, from.length() - position);
            from.read(ByteBuffer.wrap(piece, 0, count), position);
            out.write(piece, 0, count);
            position += count;
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
