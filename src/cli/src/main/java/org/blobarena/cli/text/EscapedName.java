package org.blobarena.cli.text;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

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
    private static final String PLAIN = "._-";

    private EscapedName() {}

    public static String of(Key key) {
        String name = unbounded(key);
        return name.length() > LENGTH_MAX ? HASHED + hash(key.bytes()) : name;
    }

    /** Returns the same name, without a hash however long it is. */
    public static String unbounded(Key key) {
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
     * @throws NameException if no key has that name
     */
    public static Key key(String name) throws NameException {
        Key key = keyOfUnbounded(name);
        requireName(key, name);
        return key;
    }

    /**
     * Returns the key of a name of any length.
     *
     * @throws NameException if no key has that name
     */
    public static Key keyOfUnbounded(String name) throws NameException {
        byte[] bytes = new byte[name.length()];
        int length = 0;
        if (!name.equals(EMPTY)) {
            for (int i = 0; i < name.length(); i++) {
                char next = name.charAt(i);
                if (next == '%' && i + 2 < name.length() && isHex(name.charAt(i + 1)) && isHex(name.charAt(i + 2))) {
                    bytes[length++] = (byte) HexFormat.fromHexDigits(name, i + 1, i + 3);
                    i += 2;
                } else {
                    bytes[length++] = (byte) next;
                }
            }
        }
        // Whatever else stands in the name is not what its bytes would have become.
        Key key = new Key(Arrays.copyOf(bytes, length));
        if (!unbounded(key).equals(name)) {
            throw notEscaped();
        }
        return key;
    }

    /** @throws NameException if the key has another name */
    public static void requireName(Key key, String name) throws NameException {
        if (!of(key).equals(name)) {
            throw notEscaped();
        }
    }

    private static NameException notEscaped() {
        return new NameException("the name is none that export --escape gives");
    }

    private static boolean isHex(char character) {
        return character < 0x80 && Character.digit(character, 16) >= 0;
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
