package org.blobarena.cli.process;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.blobarena.cli.text.RawText;
import org.jspecify.annotations.Nullable;

/**
 * The arguments and the environment of this process, byte for byte, as {@link RawText}.
 *
 * <p>The JVM decodes both by its locale, and what is not text there becomes one and the same character: two keys become
 * one, two files too. Linux tells the bytes; where a system does not, arguments that were changed are refused.
 */
public final class ProcessText {

    private static final Path ARGUMENTS = Path.of("/proc/self/cmdline");
    private static final Path ENVIRONMENT = Path.of("/proc/self/environ");
    private static final char REPLACEMENT = '\ufffd';

    private ProcessText() {}

    /**
     * Returns the arguments.
     *
     * @param decoded what the JVM made of them
     * @throws IllegalArgumentException if it changed one, and the bytes cannot be had
     */
    public static String[] arguments(String[] decoded) {
        List<byte[]> all = fields(ARGUMENTS);
        List<byte[]> own =
                all.size() < decoded.length ? List.of() : all.subList(all.size() - decoded.length, all.size());
        return own.isEmpty() || !isSame(own, decoded) ? requireUnchanged(decoded) : raw(own);
    }

    /** Returns the environment; what the JVM made of it where the system does not tell the bytes. */
    static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        for (byte[] field : fields(ENVIRONMENT)) {
            String text = RawText.decode(field);
            int equals = text.indexOf('=');
            if (equals > 0) {
                environment.put(text.substring(0, equals), text.substring(equals + 1));
            }
        }
        return environment;
    }

    /**
     * Returns whether these are the arguments that the JVM decoded, and not those of a file of arguments or another
     * main.
     */
    private static boolean isSame(List<byte[]> raw, String[] decoded) {
        Charset charset = charset();
        for (int i = 0; i < decoded.length; i++) {
            String text = charset == null ? null : new String(raw.get(i), charset);
            if (!decoded[i].equals(text) && !decoded[i].equals(ascii(raw.get(i)))) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Charset charset() {
        String name = System.getProperty("sun.jnu.encoding", "UTF-8");
        return Charset.isSupported(name) ? Charset.forName(name) : null;
    }

    /** As some runtimes decode in a locale without an encoding. */
    private static String ascii(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte next : bytes) {
            text.append(next < 0 ? '?' : (char) next);
        }
        return text.toString();
    }

    private static String[] raw(List<byte[]> arguments) {
        return arguments.stream().map(RawText::decode).toArray(String[]::new);
    }

    private static String[] requireUnchanged(String[] decoded) {
        boolean ascii = StandardCharsets.US_ASCII.equals(charset());
        for (String argument : decoded) {
            if (argument.indexOf(REPLACEMENT) >= 0 || (ascii && argument.indexOf('?') >= 0)) {
                throw new IllegalArgumentException("the argument " + argument
                        + " has bytes that this JVM cannot tell apart in its encoding, "
                        + System.getProperty("sun.jnu.encoding") + ": start it in a UTF-8 locale");
            }
        }
        return decoded;
    }

    /** Returns what ends in a zero byte, each; nothing where there is no such file. */
    private static List<byte[]> fields(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            return List.of();
        }
        List<byte[]> fields = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                fields.add(Arrays.copyOfRange(bytes, start, i));
                start = i + 1;
            }
        }
        return fields;
    }
}
