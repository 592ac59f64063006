package org.blobarena.arena;

import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the directory of temporary files where none is set. It is that of the environment variable {@code TMPDIR}, which
 * POSIX defines for this and the JVM ignores, or else that of the JVM.
 */
final class TemporaryDirectories {

    private static final System.Logger LOG = System.getLogger(TemporaryDirectories.class.getName());
    private static final Set<String> REFUSED = ConcurrentHashMap.newKeySet();

    private TemporaryDirectories() {}

    static Path byDefault() {
        return choose(System.getenv("TMPDIR"), System.getProperty("java.io.tmpdir"));
    }

    /**
     * Logs a warning, once for each, if the first choice is set and cannot be used.
     *
     * @param wanted what {@code TMPDIR} is, or null
     * @param jvm what {@code java.io.tmpdir} is
     */
    static Path choose(@Nullable String wanted, String jvm) {
        if (wanted == null || wanted.isEmpty()) {
            return Path.of(jvm);
        }
        try {
            Path directory = Path.of(wanted);
            if (Files.isDirectory(directory) && Files.isWritable(directory)) {
                return directory;
            }
        } catch (InvalidPathException e) {
            // As little use as one that does not exist.
        }
        if (REFUSED.add(wanted)) {
            LOG.log(
                    Level.WARNING,
                    "TMPDIR is \"{0}\", which is no directory that can be written to: temporary files go to {1}",
                    wanted,
                    jvm);
        }
        return Path.of(jvm);
    }
}
