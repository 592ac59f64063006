package org.blobarena.bench.macro;

import java.nio.file.Path;
import java.time.Duration;
import org.blobarena.bench.engine.Engines;
import org.blobarena.bench.engine.Scale;

/**
 * One workload of one engine.
 *
 * @param directory of the engine's files alone
 * @param seconds how long gets are measured
 */
record Case(Workload workload, Engines engine, Path directory, Scale scale, double seconds) {

    /** How long a workload of writes goes on at most. */
    static final Duration WRITES_MAX = Duration.ofSeconds(40);

    /** A scratch store for what must be warm before another is opened. */
    Path scratch() {
        return directory.resolveSibling(directory.getFileName() + "-scratch");
    }

    Content content() {
        return new Content(scale.blobBytes());
    }
}
