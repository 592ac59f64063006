package org.blobarena.bench.macro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Takes files out of the page cache: as root for the whole system, else file by file as {@code dd} can ask for. */
final class PageCache {

    private PageCache() {}

    /** @return whether it was possible */
    static boolean drop(Path directory) throws IOException, InterruptedException {
        if (succeeds("sh", "-c", "sync && echo 3 > /proc/sys/vm/drop_caches")) {
            return true;
        }
        List<Path> files;
        try (Stream<Path> all = Files.walk(directory)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        boolean dropped = true;
        for (Path file : files) {
            dropped &=
                    succeeds("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none");
        }
        return dropped;
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // There is no such program.
        }
    }
}
