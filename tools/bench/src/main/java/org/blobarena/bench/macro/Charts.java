package org.blobarena.bench.macro;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.intermediate.CommandSequence;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Font;
import java.awt.Paint;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.labels.CategoryItemLabelGenerator;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.CategoryDataset;
import org.jfree.data.category.DefaultCategoryDataset;

/** Draws the measurements of one size: a panel of bars for each of some measures, the best one on top. */
final class Charts {

    private static final int WIDTH = 460;
    private static final int HEIGHT = 330;
    private static final int HEADING = 30;
    private static final int COLUMNS = 2;
    private static final List<Measure> PANELS =
            List.of(Measure.FILL, Measure.CHURN, Measure.GET, Measure.COLD_P50, Measure.DELETE, Measure.KILL);
    private static final Color OURS = new Color(0x1f6feb);
    private static final Color THEIRS = new Color(0xb0b7c0);
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

    private Charts() {}

    static void write(List<Measurement> measurements, Path file) throws IOException {
        List<List<Measurement>> panels = PANELS.stream()
                .map(measure -> bars(measurements, measure))
                .filter(bars -> !bars.isEmpty())
                .toList();
        if (panels.isEmpty()) {
            return;
        }
        int rows = (panels.size() + COLUMNS - 1) / COLUMNS;
        VectorGraphics2D graphics = new VectorGraphics2D();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, COLUMNS * WIDTH, HEADING + rows * HEIGHT);
        graphics.setColor(Color.BLACK);
        graphics.setFont(FONT);
        graphics.drawString(Table.heading(measurements.get(0)) + "; ~: disturbed by other processes", 10, 20);
        for (int i = 0; i < panels.size(); i++) {
            int x = i % COLUMNS * WIDTH;
            int y = HEADING + i / COLUMNS * HEIGHT;
            chart(panels.get(i)).draw(graphics, new Rectangle2D.Double(x, y, WIDTH, HEIGHT));
        }
        CommandSequence commands = graphics.getCommands();
        PageSize page = new PageSize(0, 0, COLUMNS * WIDTH, HEADING + rows * HEIGHT);
        try (OutputStream out = Files.newOutputStream(file)) {
            new SVGProcessor().getDocument(commands, page).writeTo(out);
        }
    }

    private static List<Measurement> bars(List<Measurement> measurements, Measure measure) {
        Comparator<Measurement> byValue = Comparator.comparing(Measurement::value);
        return measurements.stream()
                .filter(measurement -> measurement.measure() == measure && measurement.value() != null)
                .sorted(moreIsBetter(measure) ? byValue.reversed() : byValue)
                .toList();
    }

    private static boolean moreIsBetter(Measure measure) {
        return measure.unit().endsWith("/s");
    }

    private static JFreeChart chart(List<Measurement> bars) {
        Measure measure = bars.get(0).measure();
        DefaultCategoryDataset values = new DefaultCategoryDataset();
        for (Measurement bar : bars) {
            values.addValue(bar.value(), measure, bar.engine());
        }
        CategoryAxis engines = new CategoryAxis();
        engines.setTickLabelFont(FONT);
        engines.setCategoryMargin(0.25);
        engines.setAxisLineVisible(false);
        engines.setTickMarksVisible(false);
        NumberAxis scale = new NumberAxis();
        scale.setVisible(false);
        scale.setUpperMargin(0.35); // For the figures at the ends of the bars.
        CategoryPlot plot = new CategoryPlot(values, engines, scale, renderer(bars));
        plot.setOrientation(PlotOrientation.HORIZONTAL);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        plot.setRangeGridlinesVisible(false);
        String title = measure.label() + ", " + measure.unit() + (moreIsBetter(measure) ? "" : " (less is better)");
        JFreeChart chart = new JFreeChart(title, FONT.deriveFont(Font.BOLD), plot, false);
        chart.setBackgroundPaint(Color.WHITE);
        return chart;
    }

    private static BarRenderer renderer(List<Measurement> bars) {
        BarRenderer renderer = new BarRenderer() {
            private static final long serialVersionUID = 1;

            @Override
            public Paint getItemPaint(int row, int column) {
                return isOurs(bars.get(column)) ? OURS : THEIRS;
            }
        };
        renderer.setBarPainter(new StandardBarPainter());
        renderer.setShadowVisible(false);
        renderer.setDefaultItemLabelsVisible(true);
        renderer.setDefaultItemLabelFont(FONT);
        renderer.setDefaultPositiveItemLabelPosition(
                new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
        renderer.setDefaultItemLabelGenerator(new Labels(bars));
        return renderer;
    }

    private static boolean isOurs(Measurement bar) {
        return bar.engine().startsWith("table-") || bar.engine().matches("chronicle-(written|buffered)");
    }

    /** The figures at the ends of the bars. */
    private record Labels(List<Measurement> bars) implements CategoryItemLabelGenerator {

        @Override
        public String generateLabel(CategoryDataset dataset, int row, int column) {
            return Table.figure(bars.get(column));
        }

        @Override
        public String generateRowLabel(CategoryDataset dataset, int row) {
            return "";
        }

        @Override
        public String generateColumnLabel(CategoryDataset dataset, int column) {
            return "";
        }
    }
}
