package org.blobarena.cli.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What the process takes of memory. */
public final class MemoryUse {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double MEGABYTE = 1e6;
    private static final int KIBIBYTE = 1024;

    private MemoryUse() {}

    /** Such as {@code 12.3 MB of heap, 60.0 MB anonymous in all}; the second figure on Linux only. */
    public static String now() throws IOException {
        Runtime runtime = Runtime.getRuntime();
        String heap = String.format(
                Locale.ROOT, "%.1f MB of heap", (runtime.totalMemory() - runtime.freeMemory()) / MEGABYTE);
        return anonymousBytes()
                .map(bytes -> String.format(Locale.ROOT, "%s, %.1f MB anonymous in all", heap, bytes / MEGABYTE))
                .orElse(heap);
    }

    /** Returns what the system keeps in memory for the process and could not read again from files. */
    static Optional<Long> anonymousBytes() throws IOException {
        if (!Files.isReadable(STATUS)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("RssAnon:"))
                    .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KIBIBYTE)
                    .findFirst();
        }
    }
}
