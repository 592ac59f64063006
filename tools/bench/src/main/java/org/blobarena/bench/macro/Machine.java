package org.blobarena.bench.macro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What the figures depend on, in a few words. */
final class Machine {

    private Machine() {}

    static String describe() throws IOException {
        List<String> memory = Files.readAllLines(Path.of("/proc/meminfo"));
        return String.format(
                Locale.ROOT,
                "%d cores, %.0f GiB, %s %s",
                Runtime.getRuntime().availableProcessors(),
                Memory.bytes(memory, "MemTotal:") / (double) (1 << 30),
                System.getProperty("os.name"),
                System.getProperty("os.version").replaceAll("^(\\d+\\.\\d+).*", "$1"));
    }

    static String jdk() {
        return "JDK " + Runtime.version().feature();
    }
}
