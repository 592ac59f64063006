package org.blobarena.bench.macro;

import java.io.IOException;
import org.HdrHistogram.Histogram;
import org.apache.commons.io.file.PathUtils;
import org.blobarena.bench.engine.Durability;
import org.blobarena.bench.engine.Engine;
import org.blobarena.bench.engine.Scale;

/** Opens what a killed process has left, once the engine's classes have been used for another store. */
final class KillCase {

    private static final int WARM_KEYS = 2_000;
    private static final long WARM_BYTES_MAX = 64 << 20;

    private KillCase() {}

    static void run(Case run) throws IOException {
        Content content = run.content();
        warm(run, content);
        byte[] key = new byte[Scale.KEY_BYTES];
        Content.key(0, key);
        long start = System.nanoTime();
        try (Engine engine = open(run)) {
            if (engine == null) {
                return;
            }
            engine.get(key);
            CaseMain.measured(Measure.KILL, (System.nanoTime() - start) / 1e6);
            int lost = Verifier.count(engine, content, new int[run.scale().keys()]);
            CaseMain.measured(Measure.KILL_LOST, lost);
            if (lost > 0 && run.engine().durability() == Durability.WRITTEN) {
                throw new AssertionError(lost + " acknowledged blobs did not survive");
            }
        }
    }

    /** @return null if the engine refuses, as it may by its durability */
    private static Engine open(Case run) throws IOException {
        try {
            return run.engine().open(run.directory(), run.scale());
        } catch (IOException | RuntimeException e) {
            if (run.engine().durability() != Durability.CLOSED) {
                throw e;
            }
            CaseMain.refused(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static void warm(Case run, Content content) throws IOException {
        int blobBytes = run.scale().blobBytes();
        int keys = (int) Math.max(1, Math.min(WARM_KEYS, WARM_BYTES_MAX / blobBytes));
        Scale scale = new Scale(keys, blobBytes);
        try {
            for (int round = 0; round < 2; round++) {
                try (Engine engine = run.engine().open(run.scratch(), scale)) {
                    WriteCases.put(engine, content, 0, keys, new Histogram(3));
                    Verifier.count(engine, content, new int[keys]);
                }
            }
        } finally {
            PathUtils.delete(run.scratch());
        }
    }
}
