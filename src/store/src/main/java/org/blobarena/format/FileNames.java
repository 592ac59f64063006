package org.blobarena.format;

import java.util.HexFormat;
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

    /** The keys of an encrypted store; see {@link KeyTable}. */
    public static final String KEYS = "KEYS";

    /** The keys while they are written. */
    public static final String KEYS_UNFINISHED = "KEYS.tmp";

    /** The space that is kept for removals. */
    public static final String RESERVE = "RESERVE";

    private static final Pattern ARENA = Pattern.compile("([0-9a-f]{8})\\.arena");
    private static final Pattern ARENA_UNFINISHED = Pattern.compile("[0-9a-f]{8}\\.arena\\.tmp");
    private static final Pattern OF_STORE = Pattern.compile(
            "STORE(\\.tmp)?|KEYS(\\.tmp)?|LOCK|CLEAN(\\.tmp)?|RESERVE|[0-9a-f]{8}\\.arena(\\.tmp)?|index-[0-9a-f]{16}\\.(map|table)");
    private static final Pattern INDEX = Pattern.compile("index-[0-9a-f]{16}\\.(map|table)");

    private FileNames() {}

    /**
     * Returns the name of an arena file.
     *
     * @param fileId its id, 1 to 2^32 - 1
     * @return eight hexadecimal digits and {@code .arena}
     */
    public static String arena(long fileId) {
        return hex(fileId) + ".arena";
    }

    /**
     * Returns the id in the name of an arena file.
     *
     * @param name any file name
     * @return the id, or empty when the name is not that of an arena file
     */
    public static OptionalLong arenaId(String name) {
        Matcher matcher = ARENA.matcher(name);
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1), 16)) : OptionalLong.empty();
    }

    /**
     * Returns the name of an arena file that takes no part in the store before it is complete.
     *
     * @param fileId its id, 1 to 2^32 - 1
     * @return the name that it will have, and {@code .tmp}
     */
    public static String arenaUnfinished(long fileId) {
        return arena(fileId) + ".tmp";
    }

    /**
     * Returns whether a name is one of {@link #arenaUnfinished}.
     *
     * @param name any file name
     * @return whether it is
     */
    public static boolean isArenaUnfinished(String name) {
        return ARENA_UNFINISHED.matcher(name).matches();
    }

    /**
     * Returns whether a store may give a file this name, or take a file of this name for its own.
     *
     * @param name any file name
     * @return whether it is one of {@code store-format.md}, section 3, but those that a repair has set aside
     */
    public static boolean isOfStore(String name) {
        return OF_STORE.matcher(name).matches();
    }

    /**
     * Returns whether a file is an index, of whatever kind.
     *
     * @param name any file name
     * @return whether it is
     */
    public static boolean isIndex(String name) {
        return INDEX.matcher(name).matches();
    }

    /**
     * Returns the name of an arena file that a repair has set aside. It is no part of the store.
     *
     * @param fileId its id, 1 to 2^32 - 1
     * @param number 1, or more where the name with the number before is taken
     * @return eight hexadecimal digits and {@code .damaged}
     */
    public static String setAside(long fileId, int number) {
        return hex(fileId) + ".damaged" + (number == 1 ? "" : "-" + number);
    }

    private static String hex(long fileId) {
        return HexFormat.of().toHexDigits(fileId, Integer.BYTES * 2);
    }
}
