package org.blobarena.cli.text;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Paths by their bytes. Where the system has POSIX names, which are bytes, this names every file whatever the encoding
 * of the JVM: the JDK reads the bytes in a URI as they are. Elsewhere names are text.
 */
public final class RawPath {

    private static final boolean IS_POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    /** Whether text becomes a path of the same bytes. */
    private static final boolean IS_UTF_8 =
            StandardCharsets.UTF_8.name().equalsIgnoreCase(System.getProperty("sun.jnu.encoding", ""));

    private static final char REPLACEMENT = '\ufffd';
    private static final String UNRESERVED = "/-._~";

    private RawPath() {}

    /** @throws InvalidPathException if no file can have the name */
    public static Path of(String text) {
        if (!IS_POSIX || (IS_UTF_8 && !RawText.hasEscapes(text))) {
            return Path.of(text);
        }
        if (text.indexOf('\0') >= 0) {
            throw new InvalidPathException(text, "Nul character not allowed");
        }
        byte[] bytes = RawText.encode(text);
        Path absolute = Path.of(URI.create("file:///" + percentEncoded(bytes)));
        return text.startsWith("/") || absolute.getNameCount() == 0
                ? absolute
                : absolute.subpath(0, absolute.getNameCount());
    }

    /** Returns the bytes of a path's text, with the separators of the system. */
    public static byte[] bytes(Path path) {
        String text = path.toString();
        if (!IS_POSIX || text.isEmpty() || (IS_UTF_8 && text.indexOf(REPLACEMENT) < 0)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        byte[] bytes = percentDecoded(Path.of("/").resolve(path).toUri().getRawPath());
        int from = path.isAbsolute() ? 0 : 1;
        int to = bytes.length > 1 && bytes[bytes.length - 1] == '/' ? bytes.length - 1 : bytes.length;
        return Arrays.copyOfRange(bytes, from, Math.max(from, to));
    }

    private static String percentEncoded(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte next : bytes) {
            if (next > 0 && (Character.isLetterOrDigit(next) || UNRESERVED.indexOf(next) >= 0)) {
                text.append((char) next);
            } else {
                text.append(String.format("%%%02X", next & 0xff));
            }
        }
        return text.toString();
    }

    private static byte[] percentDecoded(String text) {
        byte[] bytes = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '%') {
                bytes[length++] = (byte) Integer.parseInt(text, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) text.charAt(i);
            }
        }
        return Arrays.copyOf(bytes, length);
    }

    /** Reads an argument. */
    public static final class Converter implements ITypeConverter<Path> {

        @Override
        public Path convert(String value) {
            if (value.isEmpty()) {
                throw new TypeConversionException("the name is empty");
            }
            try {
                return of(value);
            } catch (InvalidPathException e) {
                throw new TypeConversionException("'" + value + "' is no path here: " + e.getReason());
            }
        }
    }
}
