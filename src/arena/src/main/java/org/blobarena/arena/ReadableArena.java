package org.blobarena.arena;

import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.arena.internal.io.Utf8Decoder;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are read by {@link Location}: those of a {@link FileArena}, or those that a writer was given so far, which
 * include what stands in its buffer.
 *
 * <p>Safe from any thread. Reads take no lock, except for bytes still in a writer's buffer. A location does not say which
 * arena it belongs to. One of another arena is refused if this one has no such file or the file is too short; otherwise
 * the bytes that stand there are read.
 */
public abstract sealed class ReadableArena implements Closeable permits FileArena, FileArenaWriter, RollingArenaWriter {

    ReadableArena() {}

    /** Returns the file that a location is in, without regard to where in it. */
    abstract ReadableFile fileOf(Location location);

    /**
     * Reads bytes into a new array.
     *
     * @param location the location of the bytes
     * @return the bytes
     * @throws IndexOutOfBoundsException if the location lies in no file of this arena
     * @throws IllegalArgumentException if it is longer than an array can be
     * @throws IllegalStateException if the arena is closed
     * @throws IOException if the file cannot be read
     */
    public byte[] get(Location location) throws IOException {
        ReadableFile file = file(location);
        byte[] bytes = new byte[arrayLength(location)];
        read(file, location, bytes, 0);
        return bytes;
    }

    /**
     * Reads bytes into a buffer. Allocates nothing.
     *
     * @param location the location of the bytes
     * @param target the bytes go to its position, which moves by the length of the location
     * @throws BufferOverflowException if fewer bytes remain in it than the location has; nothing is read
     * @throws IndexOutOfBoundsException if the location lies in no file of this arena
     * @throws IllegalStateException if the arena is closed
     * @throws IOException if the file cannot be read; the position is then unchanged
     */
    public void get(Location location, ByteBuffer target) throws IOException {
        ReadableFile file = file(location);
        if (location.length() > target.remaining()) {
            throw new BufferOverflowException();
        }
        int start = target.position();
        int limit = target.limit();
        boolean complete = false;
        try {
            if (target.isDirect()) {
                file.read(target.limit(start + (int) location.length()), location.offset());
            } else {
                copy(file, location, target);
            }
            complete = true;
        } finally {
            target.limit(limit);
            if (!complete) {
                target.position(start);
            }
        }
    }

    /**
     * Reads bytes and appends them. Allocates nothing unless the target grows.
     *
     * @param location the location of the bytes
     * @param target what to append to; its bytes are unchanged when this method throws
     * @throws IllegalArgumentException if the target would have more bytes than an array can hold
     * @throws IOException under the conditions of {@link #get(Location)}
     */
    public void appendTo(Location location, ByteArrayBuilder target) throws IOException {
        ReadableFile file = file(location);
        int length = arrayLength(location);
        int start = target.reserve(length);
        read(file, location, target.array(), start);
        target.extendTo(start + length);
    }

    /**
     * Applies a function to bytes in the buffer that they were read into, without a copy. A new array is read instead, as
     * by {@link #get(Location)}, if there are more than 64 KiB, or while {@value Scratch#LENT_COUNT} such buffers are in
     * use in the process, so that slow functions hold no more memory.
     *
     * <p>The function runs in the calling thread without any lock. It may use the arena, also by this method, and close it.
     *
     * @param <R> the type of the result
     * @param location the location of the bytes
     * @param function the function; its buffer is valid during the call
     * @return the result
     * @throws IOException under the conditions of {@link #get(Location)}, and if the function throws it
     */
    public <R> @Nullable R read(Location location, BytesFunction<R> function) throws IOException {
        Objects.requireNonNull(function, "function");
        ReadableFile file = file(location);
        try (Scratch lent = location.length() > Scratch.BYTES ? null : Scratch.tryLend()) {
            if (lent == null) {
                return function.apply(ByteBuffer.wrap(get(location)).asReadOnlyBuffer());
            }
            ByteBuffer bytes = lent.buffer(location.length());
            file.read(bytes, location.offset());
            return function.apply(lent.readOnly(bytes.flip()));
        }
    }

    /**
     * Reads text in UTF-8.
     *
     * @param location the location of the bytes
     * @return the text
     * @throws CharacterCodingException if the bytes are not well-formed UTF-8
     * @throws IOException under the conditions of {@link #get(Location)}
     */
    public String getString(Location location) throws IOException {
        StringBuilder text = new StringBuilder((int) Math.min(location.length(), Scratch.BYTES));
        appendTo(location, text);
        return text.toString();
    }

    /**
     * Reads text in UTF-8, in which malformed input becomes the replacement character U+FFFD.
     *
     * @param location the location of the bytes
     * @return the text
     * @throws IOException under the conditions of {@link #get(Location)}
     */
    public String getStringUnchecked(Location location) throws IOException {
        return new String(get(location), StandardCharsets.UTF_8);
    }

    /**
     * Reads text in UTF-8 and appends it. Allocates nothing unless the target grows.
     *
     * @param location the location of the bytes
     * @param target what to append to; unchanged when this method throws
     * @throws CharacterCodingException if the bytes are not well-formed UTF-8
     * @throws IOException under the conditions of {@link #get(Location)}
     */
    public void appendTo(Location location, StringBuilder target) throws IOException {
        try (Utf8Decoder decoder = Utf8Decoder.rejecting()) {
            append(location, decoder, target);
        }
    }

    /**
     * Reads text in UTF-8, in which malformed input becomes the replacement character U+FFFD, and appends it. Allocates
     * nothing unless the target grows.
     *
     * @param location the location of the bytes
     * @param target what to append to; unchanged when this method throws
     * @throws IOException under the conditions of {@link #get(Location)}
     */
    public void appendToUnchecked(Location location, StringBuilder target) throws IOException {
        try (Utf8Decoder decoder = Utf8Decoder.replacing()) {
            append(location, decoder, target);
        }
    }

    private void append(Location location, Utf8Decoder decoder, StringBuilder target) throws IOException {
        ReadableFile file = file(location);
        arrayLength(location);
        int length = target.length();
        boolean complete = false;
        try (Scratch scratch = Scratch.take()) {
            long position = location.offset();
            do {
                ByteBuffer piece = scratch.buffer(location.end() - position);
                file.read(piece, position);
                position += piece.position();
                decoder.append(piece.flip(), position == location.end(), target);
            } while (position < location.end());
            complete = true;
        } finally {
            if (!complete) {
                target.setLength(length);
            }
        }
    }

    private ReadableFile file(Location location) {
        ReadableFile file = fileOf(location);
        file.requireInside(location.offset(), location.length());
        return file;
    }

    static IndexOutOfBoundsException noSuchFile(Location location, int fileCount) {
        return new IndexOutOfBoundsException(
                location + " is of a file that this arena of " + fileCount + " files does not have");
    }

    private static int arrayLength(Location location) {
        if (location.length() > ByteArrayBuilder.ARRAY_BYTES_MAX) {
            throw new IllegalArgumentException(location + " is longer than an array, which has at most "
                    + ByteArrayBuilder.ARRAY_BYTES_MAX + " bytes; read it in parts, by shorter locations");
        }
        return (int) location.length();
    }

    private static void read(ReadableFile file, Location location, byte[] target, int start) throws IOException {
        int length = (int) location.length();
        try (Scratch scratch = Scratch.take()) {
            int done = 0;
            while (done < length) {
                ByteBuffer piece = scratch.buffer(length - done);
                int count = piece.remaining();
                file.read(piece, location.offset() + done);
                piece.flip().get(target, start + done, count);
                done += count;
            }
        }
    }

    private static void copy(ReadableFile file, Location location, ByteBuffer target) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            long position = location.offset();
            while (position < location.end()) {
                ByteBuffer piece = scratch.buffer(location.end() - position);
                position += piece.remaining();
                file.read(piece, position - piece.remaining());
                target.put(piece.flip());
            }
        }
    }
}
