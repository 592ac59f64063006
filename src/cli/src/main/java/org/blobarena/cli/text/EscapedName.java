package org.blobarena.cli.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Names of files for keys of any bytes, all in one directory: {@code %XX} for each byte but the ASCII letters, digits
 * and {@code . _ -}, and for a full stop at the beginning. {@code %} alone is the empty key. A key whose name would be
 * too long has the name {@code %-HASH}, its SHA-256, and beside it is a file {@code %-HASH.key} of its bytes.
 *
 * <p>Every key has one name, and no two the same, where the file system tells upper case from lower.
 */
public final class EscapedName {

    public static final String KEY_SUFFIX = ".key";

    /** The longest key that a store takes. */
    public static final int KEY_BYTES_MAX = 65_535;

    /** File systems take 255 bytes. */
    private static final int LENGTH_MAX = 240;

    private static final String EMPTY = "%";
    private static final String HASHED = "%-";
    private static final Pattern ESCAPED = Pattern.compile("([A-Za-z0-9._-]|%[0-9A-F]{2})+");
    private static final String PLAIN = "._-";

    private EscapedName() {}

    public static String of(Key key) {
        byte[] bytes = key.bytes();
        if (bytes.length == 0) {
            return EMPTY;
        }
        StringBuilder name = new StringBuilder(bytes.length);
        for (byte next : bytes) {
            boolean plain = isLetterOrDigit(next) || (PLAIN.indexOf(next) >= 0 && !(next == '.' && name.isEmpty()));
            if (plain) {
                name.append((char) next);
            } else {
                name.append(String.format("%%%02X", next & 0xff));
            }
            if (name.length() > LENGTH_MAX) {
                return HASHED + hash(bytes);
            }
        }
        return name.toString();
    }

    /** Returns whether the key itself stands in a file of its own. */
    public static boolean isHashed(String name) {
        return name.startsWith(HASHED);
    }

    /**
     * Returns the key of a name that is not hashed.
     *
     * @throws IOException if no key has that name
     */
    public static Key key(String name) throws IOException {
        byte[] bytes = new byte[name.length()];
        int length = 0;
        if (!name.equals(EMPTY)) {
            if (!ESCAPED.matcher(name).matches()) {
                throw notEscaped();
            }
            for (int i = 0; i < name.length(); i++) {
                if (name.charAt(i) == '%') {
                    bytes[length++] = (byte) Integer.parseInt(name, i + 1, i + 3, 16);
                    i += 2;
                } else {
                    bytes[length++] = (byte) name.charAt(i);
                }
            }
        }
        Key key = new Key(Arrays.copyOf(bytes, length));
        requireName(key, name);
        return key;
    }

    /** @throws IOException if the key has another name */
    public static void requireName(Key key, String name) throws IOException {
        if (!of(key).equals(name)) {
            throw notEscaped();
        }
    }

    private static IOException notEscaped() {
        return new IOException("the name is none that export --escape gives");
    }

    private static boolean isLetterOrDigit(byte next) {
        return next > 0 && Character.isLetterOrDigit(next);
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** Returns what text the bytes of a name are. */
    public static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
