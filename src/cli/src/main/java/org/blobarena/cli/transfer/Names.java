package org.blobarena.cli.transfer;

import java.io.IOException;
import org.blobarena.arena.internal.io.WholeFile;
import org.blobarena.cli.text.EscapedName;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.NameException;
import org.blobarena.cli.text.RawPath;
import org.blobarena.cli.text.RawText;
import org.jspecify.annotations.Nullable;

/**
 * Names that keys have outside of a store, in trees of files and in archives that are unpacked to such trees: paths that
 * lead nowhere else, with {@code /} between their parts. As they are, or escaped: then every key has one, whatever its bytes are.
 */
public final class Names {

    /** Of the content of a file that holds a key, one more than a key has. */
    public static final int SIDECAR_BYTES_MAX = EscapedName.KEY_BYTES_MAX + 1;

    private final boolean escaped;

    /** @param escaped whether names are as {@link EscapedName} has them */
    public Names(boolean escaped) {
        this.escaped = escaped;
    }

    /** Reads the beginning of the file that holds the key of another and stands beside it. */
    @FunctionalInterface
    public interface Sidecars {
        Key read(String name) throws IOException;
    }

    /**
     * The name of a key.
     *
     * @param text the name
     * @param sidecar the name of a file of the key's bytes that stands before it, or null for most keys
     */
    public record Name(String text, @Nullable String sidecar) {}

    public boolean isEscaped() {
        return escaped;
    }

    /** @throws NameException if the key has none */
    public Name name(Key key) throws NameException {
        if (escaped) {
            String name = EscapedName.of(key);
            return new Name(name, EscapedName.isHashed(name) ? name + EscapedName.KEY_SUFFIX : null);
        }
        String text = RawText.decode(key.bytes());
        requirePath(text);
        return new Name(text, null);
    }

    /**
     * Returns the key that a file has by its path, or null if the file is only a part of another.
     *
     * @throws NameException if there is none
     */
    public @Nullable Key key(Key path, Sidecars sidecars) throws IOException {
        if (!escaped) {
            return path;
        }
        String name = EscapedName.text(path.bytes());
        if (!EscapedName.isHashed(name)) {
            return EscapedName.key(name);
        }
        if (name.endsWith(EscapedName.KEY_SUFFIX)) {
            return null;
        }
        Key key = sidecars.read(name + EscapedName.KEY_SUFFIX);
        EscapedName.requireName(key, name);
        return key;
    }

    /** @throws NameException if a text is not the path of a file below a directory, whichever that is */
    public static void requirePath(String text) throws NameException {
        if (RawText.hasEscapes(text)) {
            throw new NameException("it is not UTF-8");
        }
        for (String name : text.split("/", -1)) {
            if (name.isEmpty()) {
                throw new NameException("it is empty, begins or ends with /, or has // inside");
            }
            if (name.equals(".") || name.equals("..")) {
                throw new NameException("it has " + name + " as a part");
            }
            if (name.indexOf('\0') >= 0) {
                throw new NameException("it has a zero byte");
            }
        }
        if (isPart(text)) {
            throw new NameException("an import would take it for a file that is not whole");
        }
    }

    /** Whether a path is that of a file that is not whole, which imports pass over. */
    public static boolean isPart(String text) {
        String last = text.substring(text.lastIndexOf('/') + 1);
        return last.indexOf('\0') < 0 && WholeFile.isPart(RawPath.of(last));
    }
}
