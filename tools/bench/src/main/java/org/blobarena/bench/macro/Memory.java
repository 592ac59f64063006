package org.blobarena.bench.macro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process has of the machine's memory.
 *
 * @param mappedFileBytes the part of it that belongs to mapped files, and that the system can take back
 */
record Memory(long residentBytes, long mappedFileBytes) {

    static Memory ofThisProcess() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
        return new Memory(bytes(lines, "VmRSS:"), bytes(lines, "RssFile:"));
    }

    /** @param lines of a file whose values are in kB, as {@code /proc/meminfo} too */
    static long bytes(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
