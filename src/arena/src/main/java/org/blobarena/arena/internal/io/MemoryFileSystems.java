package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Notices temporary directories that are memory, where files save none. */
public final class MemoryFileSystems {

    private static final System.Logger LOG = System.getLogger(MemoryFileSystems.class.getName());
    private static final Set<String> TYPES = Set.of("tmpfs", "ramfs");
    private static final Set<Path> SEEN = ConcurrentHashMap.newKeySet();

    private MemoryFileSystems() {}

    /**
     * Logs a warning if a directory is memory, once for each directory.
     *
     * @param directory where temporary files go
     */
    public static void warnOf(Path directory) {
        if (SEEN.add(directory)) {
            String type = type(directory);
            if (TYPES.contains(type)) {
                LOG.log(
                        Level.WARNING,
                        "the temporary directory {0} is on {1}: what is written there stays in memory",
                        directory,
                        type);
            }
        }
    }

    /** In some containers the JDK finds no mount point for a directory that works. */
    private static String type(Path directory) {
        try {
            return Files.getFileStore(directory).type();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
