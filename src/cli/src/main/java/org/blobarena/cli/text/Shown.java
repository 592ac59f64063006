package org.blobarena.cli.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Text as people see it. What would move a terminal's cursor, change its colours, break a line or hide what else there
 * is stands as its bytes, {@code \xNN}. A shell reads a key so shown as {@code $'...'}.
 */
public final class Shown {

    private static final int SHORT_MAX = 1000;

    private Shown() {}

    /** Returns a key: no two look the same, so a backslash is shown as two. */
    public static String of(Key key) {
        return escaped(RawText.decode(key.bytes()), true);
    }

    /** Returns the beginning of a key, where it is longer than a message should be. */
    public static String shortly(Key key) {
        String shown = of(key);
        return shown.length() <= SHORT_MAX
                ? shown
                : shown.substring(0, SHORT_MAX) + "... (" + key.bytes().length + " bytes)";
    }

    /** Returns a path, by its bytes where the system has any. */
    public static String of(Path path) {
        return escaped(RawText.decode(RawPath.bytes(path)), true);
    }

    /** Returns a message, which may have shown keys in it. */
    public static String message(String text) {
        return escaped(text, false);
    }

    private static String escaped(String text, boolean doubleBackslash) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(character -> {
            if (RawText.isEscape(character)) {
                appendHex(shown, character);
            } else if (character == '\\' && doubleBackslash) {
                shown.append("\\\\");
            } else if (isHarmless(character)) {
                shown.appendCodePoint(character);
            } else {
                for (byte part : Character.toString(character).getBytes(StandardCharsets.UTF_8)) {
                    appendHex(shown, part);
                }
            }
        });
        return shown.toString();
    }

    private static void appendHex(StringBuilder shown, int value) {
        shown.append(String.format("\\x%02x", value & 0xff));
    }

    private static boolean isHarmless(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }
}
