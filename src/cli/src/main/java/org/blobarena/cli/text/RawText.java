package org.blobarena.cli.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text that any bytes become, and become the same bytes again: UTF-8, where a byte that is none stands as an unpaired
 * surrogate, U+DC80 to U+DCFF (as Python's {@code surrogateescape} does it). UTF-8 itself has no surrogates, so no two
 * sequences of bytes become the same text.
 */
public final class RawText {

    private static final char ESCAPES = '\udc00';
    private static final int BYTE_MIN = 0x80;
    private static final int BYTE_MAX = 0xff;

    private RawText() {}

    public static String decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        for (CoderResult result = decoder.decode(in, out, true);
                result.isError();
                result = decoder.decode(in, out, true)) {
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPES + (in.get() & BYTE_MAX)));
            }
            decoder.reset();
        }
        return out.flip().toString();
    }

    /** @throws IllegalArgumentException if there is another unpaired surrogate, which no bytes become */
    public static byte[] encode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        text.codePoints().forEach(character -> {
            if (isEscape(character)) {
                bytes.write(character - ESCAPES);
            } else if (isSurrogate(character)) {
                throw new IllegalArgumentException("a text has an unpaired surrogate: " + text);
            } else {
                bytes.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    /** Returns whether a code point stands for a byte. */
    static boolean isEscape(int character) {
        return character >= ESCAPES + BYTE_MIN && character <= ESCAPES + BYTE_MAX;
    }

    /** Returns whether there is a byte that is not UTF-8. */
    public static boolean hasEscapes(String text) {
        return text.codePoints().anyMatch(RawText::isEscape);
    }

    private static boolean isSurrogate(int character) {
        return character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    }
}
