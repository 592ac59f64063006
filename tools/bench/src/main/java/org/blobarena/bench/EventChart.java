package org.blobarena.bench;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.apache.commons.io.file.PathUtils;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.StandardXYBarPainter;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.data.xy.XYBarDataset;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * Draws what the events of stores in a recording tell of each second. Arguments: the recording, the file of the chart; where
 * the first is a directory, a store that is overwritten faster than it may compact is recorded there for half a minute.
 */
public final class EventChart {

    private static final int WIDTH = 920;
    private static final int HEIGHT = 560;
    private static final double MIB = 1 << 20;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final String PREFIX = "org.blobarena.";

    private static final int KEYS = 8_000;
    private static final int BLOB_BYTES = 16 * 1024;
    private static final Duration FILLING = Duration.ofSeconds(2);
    private static final Duration OVERWRITING = Duration.ofSeconds(18);
    private static final Duration RESTING = Duration.ofSeconds(10);

    private EventChart() {}

    public static void main(String[] arguments) throws Exception {
        Path source = Path.of(arguments[0]);
        Path chart = Path.of(arguments[1]);
        if (!Files.isDirectory(source)) {
            write(RecordingFile.readAllEvents(source), chart);
            return;
        }
        Path directory = Files.createTempDirectory(source, "events");
        try {
            Path recorded = directory.resolve("store.jfr");
            record(directory.resolve("store"), recorded);
            write(RecordingFile.readAllEvents(recorded), chart);
        } finally {
            PathUtils.deleteDirectory(directory);
        }
    }

    /** Overwrites random keys, more of them than compaction may copy for; then a little, while it catches up. */
    private static void record(Path directory, Path file) throws Exception {
        try (Recording recording = new Recording();
                BlobStore<Long> store = BlobStore.builder(KeyCodec.longs())
                        .arenaBytesMax(8 << 20)
                        .compactionBytesPerSecond(60 << 20)
                        .open(directory)) {
            recording.start();
            byte[] blob = new byte[BLOB_BYTES];
            Random random = new Random(1);
            long start = System.nanoTime();
            for (long key = 0; key < KEYS; key++) {
                store.put(key, blob);
            }
            Thread.sleep(FILLING.toMillis());
            while (System.nanoTime() - start < FILLING.plus(OVERWRITING).toNanos()) {
                store.put((long) random.nextInt(KEYS), blob);
            }
            store.force();
            Thread.sleep(RESTING.toMillis());
            recording.stop();
            recording.dump(file);
        }
    }

    private static void write(List<RecordedEvent> all, Path file) throws IOException {
        List<RecordedEvent> events = all.stream()
                .filter(event -> event.getEventType().getName().startsWith(PREFIX))
                .toList();
        Instant start = events.stream()
                .map(RecordedEvent::getStartTime)
                .min(Instant::compareTo)
                .orElseThrow(() -> new IOException("the recording has no events of a store"));
        NumberAxis seconds = new NumberAxis("seconds");
        CombinedDomainXYPlot plots = new CombinedDomainXYPlot(seconds);
        plots.setGap(12);
        plots.add(plot(
                "sealed, MiB", new Color(0x1f6feb), "FileSeal", events, start, event -> event.getLong("bytes") / MIB));
        plots.add(plot(
                "compaction copied, MiB",
                new Color(0x8250df),
                "CompactionRound",
                events,
                start,
                event -> event.getLong("bytesCopied") / MIB));
        plots.add(plot("throttled, ms", new Color(0xcf222e), "WriteThrottle", events, start, EventChart::millis));
        plots.add(plot("forces, ms", new Color(0x1a7f37), "Force", events, start, EventChart::millis));
        JFreeChart chart = new JFreeChart("Events of a store, by second", FONT.deriveFont(Font.BOLD), plots, false);
        chart.setBackgroundPaint(Color.WHITE);
        VectorGraphics2D graphics = new VectorGraphics2D();
        chart.draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
        try (OutputStream out = Files.newOutputStream(file)) {
            new SVGProcessor()
                    .getDocument(graphics.getCommands(), new PageSize(0, 0, WIDTH, HEIGHT))
                    .writeTo(out);
        }
    }

    private static double millis(RecordedEvent event) {
        return event.getDuration().toNanos() / NANOS_PER_MILLI;
    }

    private static XYPlot plot(
            String label,
            Color color,
            String name,
            List<RecordedEvent> events,
            Instant start,
            ToDoubleFunction<RecordedEvent> value) {
        int seconds = 1
                + (int) events.stream()
                        .mapToLong(event ->
                                Duration.between(start, event.getEndTime()).toSeconds())
                        .max()
                        .orElse(0);
        double[] sums = new double[seconds];
        for (RecordedEvent event : events) {
            if (event.getEventType().getName().equals(PREFIX + name)) {
                sums[(int) Duration.between(start, event.getEndTime()).toSeconds()] += value.applyAsDouble(event);
            }
        }
        XYSeries series = new XYSeries(label);
        for (int second = 0; second < seconds; second++) {
            series.add(second + 0.5, sums[second]);
        }
        XYBarRenderer renderer = new XYBarRenderer(0.15);
        renderer.setBarPainter(new StandardXYBarPainter());
        renderer.setShadowVisible(false);
        renderer.setSeriesPaint(0, color);
        NumberAxis axis = new NumberAxis(label);
        axis.setLabelFont(FONT.deriveFont(10f));
        XYPlot plot = new XYPlot(new XYBarDataset(new XYSeriesCollection(series), 1), null, axis, renderer);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setRangeGridlinePaint(new Color(0xd0d7de));
        plot.setDomainGridlinesVisible(false);
        return plot;
    }
}
