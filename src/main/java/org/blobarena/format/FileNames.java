package org.blobarena.format;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of the files in a store's directory. Index files are named by the index. */
public final class FileNames {

    /** The identity of the store; see {@link StoreIdentity}. */
    public static final String IDENTITY = "STORE";

    /** The identity while it is written. */
    public static final String IDENTITY_UNFINISHED = "STORE.tmp";

    /** The lock file. */
    public static final String LOCK = "LOCK";

    /** The mark of a clean close; see {@link CleanMark}. */
    public static final String CLEAN = "CLEAN";

    /** The mark while it is written. */
    public static final String CLEAN_UNFINISHED = "CLEAN.tmp";

    /** The space that is kept for removals. */
    public static final String RESERVE = "RESERVE";

    private static final Pattern ARENA = Pattern.compile("([0-9a-f]{8})\\.arena");

    private FileNames() {}

    /**
     * The name of an arena file.
     *
     * @param fileId its id, 1 to 2^32 - 1
     * @return eight hexadecimal digits and {@code .arena}
     */
    public static String arena(long fileId) {
        return String.format(Locale.ROOT, "%08x.arena", fileId);
    }

    /**
     * The id in the name of an arena file.
     *
     * @param name any file name
     * @return the id, or empty when the name is not that of an arena file
     */
    public static OptionalLong arenaId(String name) {
        Matcher matcher = ARENA.matcher(name);
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1), 16)) : OptionalLong.empty();
    }
}
