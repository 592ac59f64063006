package org.blobarena.cli.process;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows on a terminal how far a command has come, and nothing elsewhere. */
public final class Progress implements AutoCloseable {

    private static final int UPDATE_MILLIS = 200;
    private static final long MEGABYTE = 1_000_000;

    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    /** @param total bytes to come */
    public static Progress on(Console console, String task, long total) {
        return new Progress(console.isTerminal() ? bar(console, task, total) : null);
    }

    public static Progress none() {
        return new Progress(null);
    }

    public void step(long bytes) {
        if (bar != null) {
            bar.stepBy(bytes);
        }
    }

    /** Sets how far it is, and how far there is to go. */
    public void show(long done, long total) {
        if (bar != null) {
            bar.maxHint(total);
            bar.stepTo(done);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    private static ProgressBar bar(Console console, String task, long total) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(" MB", MEGABYTE)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setStyle(ProgressBarStyle.ASCII)
                .showSpeed()
                .setConsumer(new ConsoleProgressBarConsumer(console.terminal()))
                .build();
    }
}
