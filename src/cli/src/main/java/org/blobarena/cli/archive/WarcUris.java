package org.blobarena.cli.archive;

import java.util.regex.Pattern;
import org.blobarena.cli.text.EscapedName;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.NameException;
import org.blobarena.cli.text.RawText;

/** The URIs that keys have in a WARC: themselves, or, when escaped, names of our own that any key has. */
final class WarcUris {

    private static final String ESCAPED = "urn:blobarena:";

    /** What stands in a header as it is. Crawlers write more than RFC 3986 allows, and so may an export. */
    private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-~]+");

    private WarcUris() {}

    static String uri(Key key, boolean escaped) throws NameException {
        if (escaped) {
            return ESCAPED + EscapedName.unbounded(key);
        }
        String text = RawText.decode(key.bytes());
        if (!URI.matcher(text).matches()) {
            throw new NameException("it is no absolute URI of ASCII characters, as a WARC has; --escape exports it");
        }
        return text;
    }

    static Key key(String uri, boolean escaped) throws NameException {
        if (!escaped) {
            return Key.of(uri);
        }
        if (!uri.startsWith(ESCAPED)) {
            throw new NameException("the name is none that export --escape gives");
        }
        return EscapedName.keyOfUnbounded(uri.substring(ESCAPED.length()));
    }
}
