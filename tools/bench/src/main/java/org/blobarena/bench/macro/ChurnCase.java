package org.blobarena.bench.macro;

import java.io.IOException;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.blobarena.bench.engine.Engine;
import org.blobarena.bench.engine.Scale;

/** As many overwrites of keys chosen at random as there are keys, three times over, in a store just filled. */
final class ChurnCase {

    private static final int OVERWRITES_PER_KEY = 3;

    private ChurnCase() {}

    static void run(Case run) throws IOException, InterruptedException {
        Content content = run.content();
        int[] versions = new int[run.scale().keys()];
        Histogram nanos = new Histogram(3);
        try (Engine engine = run.engine().open(run.directory(), run.scale())) {
            WriteCases.put(engine, content, 0, versions.length, new Histogram(3));
            DiskUse disk = DiskUse.watch(run.directory());
            long start = System.nanoTime();
            int done = overwrite(engine, content, versions, nanos);
            double seconds = (System.nanoTime() - start) / 1e9;
            disk.stop();
            CaseMain.measured(Measure.CHURN, done / seconds);
            CaseMain.measured(Measure.CHURN_P50, nanos.getValueAtPercentile(50) / 1e3);
            CaseMain.measured(Measure.CHURN_LONGEST, nanos.getMaxValue() / 1e6);
            CaseMain.measured(
                    Measure.CHURN_DISK, (double) disk.most() / run.scale().liveBytes());
            Verifier.verify(engine, content, versions);
        }
    }

    private static int overwrite(Engine engine, Content content, int[] versions, Histogram nanos) throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        byte[] key = new byte[Scale.KEY_BYTES];
        byte[] blob = content.newBlob();
        int wanted = OVERWRITES_PER_KEY * versions.length;
        long deadline = System.nanoTime() + Case.WRITES_MAX.toNanos();
        for (int done = 0; done < wanted; done++) {
            int number = random.nextInt(versions.length);
            Content.key(number, key);
            content.blob(number, versions[number] + 1, blob);
            long start = System.nanoTime();
            engine.put(key, blob);
            long end = System.nanoTime();
            nanos.recordValue(end - start);
            versions[number]++;
            if (end > deadline) {
                return done + 1;
            }
        }
        return wanted;
    }
}
