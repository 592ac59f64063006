package org.blobarena.arena.internal.io;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes UTF-8 that comes in pieces, through arrays that are used again: the JDK decodes those faster than buffers off
 * the heap.
 */
public final class Utf8Decoder implements AutoCloseable {

    private static final int BYTES = 8192;
    private static final Pool<Utf8Decoder> POOL = Pool.unbounded(Utf8Decoder::new);

    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();

    /** Starts with what of the last character is still to be decoded. */
    private final ByteBuffer bytes = ByteBuffer.allocate(BYTES);

    /** Has room for whatever {@link #bytes} holds, as no byte becomes more than one character. */
    private final CharBuffer chars = CharBuffer.allocate(BYTES);

    private Utf8Decoder() {}

    /**
     * Takes a decoder that rejects malformed bytes.
     *
     * @return a decoder that nobody else uses until it is closed
     */
    public static Utf8Decoder rejecting() {
        return take(CodingErrorAction.REPORT);
    }

    /**
     * Takes a decoder that replaces malformed bytes by U+FFFD, as {@link String#String(byte[], java.nio.charset.Charset)}
     * does.
     *
     * @return a decoder that nobody else uses until it is closed
     */
    public static Utf8Decoder replacing() {
        return take(CodingErrorAction.REPLACE);
    }

    private static Utf8Decoder take(CodingErrorAction malformed) {
        Utf8Decoder taken = POOL.take();
        taken.decoder.reset().onMalformedInput(malformed);
        taken.bytes.clear();
        return taken;
    }

    /**
     * Appends the text of some bytes.
     *
     * @param piece from position to limit; the position moves to the limit
     * @param last whether no piece follows
     * @param target has grown by some of the text when this method throws
     * @throws CharacterCodingException if the bytes are malformed, and this decoder rejects that
     */
    public void append(ByteBuffer piece, boolean last, StringBuilder target) throws CharacterCodingException {
        int end = piece.limit();
        do {
            piece.limit(Math.min(end, piece.position() + bytes.remaining()));
            bytes.put(piece).flip();
            piece.limit(end);
            CoderResult result = decoder.decode(bytes, chars.clear(), last && piece.position() == end);
            if (result.isError()) {
                result.throwException();
            }
            target.append(chars.array(), 0, chars.position());
            bytes.compact();
        } while (piece.hasRemaining());
    }

    /** Puts it back. */
    @Override
    public void close() {
        POOL.give(this);
    }
}
