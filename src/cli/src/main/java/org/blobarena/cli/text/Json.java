package org.blobarena.cli.text;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Writes JSON (RFC 8259) of maps, lists, text, numbers and truth values. */
public final class Json {

    /** From here on, control characters that JSON allows, but that do something to a terminal. */
    private static final int DELETE = 0x7f;

    private static final int LAST_CONTROL = 0x9f;

    private Json() {}

    /**
     * Returns one value, without line breaks.
     *
     * @throws IllegalArgumentException if there is something else in it, or a number that JSON does not have
     */
    public static String of(Object value) {
        StringBuilder json = new StringBuilder();
        append(json, value);
        return json.toString();
    }

    private static void append(StringBuilder json, Object value) {
        if (value instanceof Map<?, ?> map) {
            appendMap(json, map);
        } else if (value instanceof List<?> list) {
            appendList(json, list);
        } else if (value instanceof String text) {
            appendText(json, text);
        } else if (value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || (value instanceof Double number && Double.isFinite(number))) {
            json.append(value);
        } else {
            throw new IllegalArgumentException("JSON has no " + value);
        }
    }

    private static void appendMap(StringBuilder json, Map<?, ?> map) {
        json.append('{');
        for (Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<?, ?> entry = entries.next();
            appendText(json, (String) entry.getKey());
            json.append(':');
            append(json, entry.getValue());
            json.append(entries.hasNext() ? "," : "");
        }
        json.append('}');
    }

    private static void appendList(StringBuilder json, List<?> list) {
        json.append('[');
        for (Iterator<?> values = list.iterator(); values.hasNext(); ) {
            append(json, values.next());
            json.append(values.hasNext() ? "," : "");
        }
        json.append(']');
    }

    private static void appendText(StringBuilder json, String text) {
        json.append('"');
        // By code points, so that only surrogates without a partner, which UTF-8 cannot carry, are escaped.
        text.codePoints().forEach(character -> {
            if (character == '"' || character == '\\') {
                json.append('\\').appendCodePoint(character);
            } else if (character < ' '
                    || (character >= DELETE && character <= LAST_CONTROL)
                    || (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE)) {
                json.append(String.format("\\u%04x", character));
            } else {
                json.appendCodePoint(character);
            }
        });
        json.append('"');
    }
}
