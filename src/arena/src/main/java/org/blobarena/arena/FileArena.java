package org.blobarena.arena;

import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.arena.internal.io.Scratch;

/**
 * Finished arena files, read by {@link Location} from any thread without locks.
 *
 * <p>A location does not say which arena it belongs to. One of another arena is refused if this one has no such file or
 * the file is too short; otherwise it reads the bytes that stand there.
 */
public final class FileArena implements Closeable {

    /** What a Java array can hold in every JVM. */
    private static final long ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8L;

    private final ReadableFile[] files;

    /**
     * Makes an arena of files whose indexes are 0 to n - 1, in any order.
     *
     * @param files the files, owned by the arena from now on
     * @throws IllegalArgumentException if an index is missing, duplicate or foreign, that is n or more; the
     *     message names it
     */
    public FileArena(List<ArenaFile> files) {
        ReadableFile[] ordered = new ReadableFile[files.size()];
        for (ArenaFile file : files) {
            if (file.index() >= ordered.length) {
                throw new IllegalArgumentException("index " + file.index() + " is foreign to an arena of "
                        + ordered.length + " files: " + file + missing(files));
            }
            ReadableFile other = ordered[(int) file.index()];
            if (other != null) {
                throw new IllegalArgumentException(
                        "index " + file.index() + " is a duplicate: " + file + " and " + other + missing(files));
            }
            ordered[(int) file.index()] = file.readable();
        }
        this.files = ordered;
    }

    /**
     * Returns the number of files.
     *
     * @return 0 or more
     */
    public int fileCount() {
        return files.length;
    }

    /**
     * Returns the length of all files together.
     *
     * @return 0 or more
     */
    public long totalBytes() {
        long bytes = 0;
        for (ReadableFile file : files) {
            bytes += file.length();
        }
        return bytes;
    }

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
        try (Scratch scratch = Scratch.take()) {
            int done = 0;
            while (done < bytes.length) {
                ByteBuffer piece = scratch.buffer(bytes.length - done);
                int count = piece.remaining();
                file.read(piece, location.offset() + done);
                piece.flip().get(bytes, done, count);
                done += count;
            }
        }
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
     * Reads text in UTF-8 and appends it.
     *
     * @param location the location of the bytes
     * @param target what to append to; unchanged when this method throws
     * @throws CharacterCodingException if the bytes are not well-formed UTF-8
     * @throws IOException under the conditions of {@link #get(Location)}
     */
    public void appendTo(Location location, StringBuilder target) throws IOException {
        ReadableFile file = file(location);
        arrayLength(location);
        int length = target.length();
        boolean complete = false;
        try (Scratch scratch = Scratch.take()) {
            decode(file, location, scratch, target);
            complete = true;
        } finally {
            if (!complete) {
                target.setLength(length);
            }
        }
    }

    /** Closes the files and deletes temporary ones. Reads in flight finish; later ones are refused. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (ReadableFile file : files) {
            try {
                file.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private ReadableFile file(Location location) {
        if (location.fileIndex() >= files.length) {
            throw new IndexOutOfBoundsException(
                    location + " is of a file that this arena of " + files.length + " files does not have");
        }
        ReadableFile file = files[(int) location.fileIndex()];
        file.requireInside(location.offset(), location.length());
        return file;
    }

    private static int arrayLength(Location location) {
        if (location.length() > ARRAY_BYTES_MAX) {
            throw new IllegalArgumentException(location + " is longer than an array, which has at most "
                    + ARRAY_BYTES_MAX + " bytes; read it in parts, by shorter locations");
        }
        return (int) location.length();
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

    private static void decode(ReadableFile file, Location location, Scratch scratch, StringBuilder target)
            throws IOException {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer chars = CharBuffer.allocate((int) Math.min(location.length(), 4096) + 1);
        ByteBuffer piece = scratch.buffer(0);
        long position = location.offset();
        boolean last;
        do {
            int kept = piece.remaining();
            piece.compact().limit((int) Math.min(piece.capacity(), kept + location.end() - position));
            int count = piece.remaining();
            file.read(piece, position);
            position += count;
            piece.flip();
            last = position == location.end();
            CoderResult result;
            do {
                result = decoder.decode(piece, chars, last);
                if (result.isError()) {
                    result.throwException();
                }
                target.append(chars.flip());
                chars.clear();
            } while (result.isOverflow());
        } while (!last);
        decoder.flush(chars);
        target.append(chars.flip());
    }

    private static String missing(List<ArenaFile> files) {
        for (long index = 0; index < files.size(); index++) {
            long wanted = index;
            if (files.stream().noneMatch(file -> file.index() == wanted)) {
                return "; index " + index + " is missing";
            }
        }
        return "";
    }
}
