package org.blobarena.cli.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.blobarena.store.crypt.KeySource;

/** The keys of an encrypted store in files. They never stand on a command line, which others can see. */
public final class KeyFiles {

    private static final Pattern NUMBERED = Pattern.compile("(\\d{1,10})=(.+)");
    private static final int HEX_DIGITS = 2 * KeySource.KEY_BYTES;
    private static final int BYTES_MAX = HEX_DIGITS + 2;

    private KeyFiles() {}

    /**
     * Reads keys.
     *
     * @param arguments each the name of a file, after the id and {@code =} if it is not 1
     * @throws IllegalArgumentException if one is no key, or an id is given twice
     */
    public static KeySource read(List<String> arguments) {
        Map<Integer, byte[]> keys = new HashMap<>();
        for (String argument : arguments) {
            Matcher numbered = NUMBERED.matcher(argument);
            boolean hasId = numbered.matches();
            int id = hasId ? id(numbered.group(1)) : 1;
            if (keys.put(id, key(hasId ? numbered.group(2) : argument)) != null) {
                throw new IllegalArgumentException("key " + id + " is given twice");
            }
        }
        return KeySource.of(keys);
    }

    private static int id(String digits) {
        long id = Long.parseLong(digits);
        if (id < 1 || id > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("the id of a key is " + id + ", not 1 to " + Integer.MAX_VALUE);
        }
        return (int) id;
    }

    private static byte[] key(String name) {
        byte[] bytes;
        try (InputStream file = Files.newInputStream(Path.of(name))) {
            bytes = file.readNBytes(BYTES_MAX + 1);
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException("the key in " + name + " cannot be read: " + e.getMessage(), e);
        }
        if (bytes.length == KeySource.KEY_BYTES) {
            return bytes;
        }
        String text = new String(bytes, StandardCharsets.US_ASCII).strip();
        if (bytes.length > BYTES_MAX || text.length() != HEX_DIGITS) {
            throw new IllegalArgumentException(name + " holds no key: expected " + KeySource.KEY_BYTES + " bytes or "
                    + HEX_DIGITS + " hexadecimal digits");
        }
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " holds no key: a character is no hexadecimal digit", e);
        }
    }
}
