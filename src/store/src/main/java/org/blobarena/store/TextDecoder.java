package org.blobarena.store;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.blobarena.arena.internal.io.Pool;

/** Decodes UTF-8, refusing what is malformed, through buffers that are used again. */
final class TextDecoder {

    private static final int CHARS = 4096;
    private static final Pool<TextDecoder> POOL = new Pool<>(TextDecoder::new);

    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final CharBuffer chars = CharBuffer.allocate(CHARS);

    private TextDecoder() {}

    /**
     * Appends the text of some bytes.
     *
     * @param bytes from position to limit; the position moves
     * @param target unchanged when this method throws
     */
    static void decode(ByteBuffer bytes, StringBuilder target) throws CharacterCodingException {
        TextDecoder decoder = POOL.take();
        int length = target.length();
        boolean complete = false;
        try {
            decoder.append(bytes, target);
            complete = true;
        } finally {
            if (!complete) {
                target.setLength(length);
            }
            POOL.give(decoder);
        }
    }

    private void append(ByteBuffer bytes, StringBuilder target) throws CharacterCodingException {
        decoder.reset();
        CoderResult result;
        do {
            result = decoder.decode(bytes, chars.clear(), true);
            if (result.isError()) {
                result.throwException();
            }
            target.append(chars.array(), 0, chars.position());
        } while (result.isOverflow());
    }
}
