package org.blobarena.bench.macro;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Asks {@code du} four times a second what a directory takes, holes of files excluded, and keeps the most. */
final class DiskUse {

    private static final long PAUSE_MILLIS = 250;

    private final Path directory;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private long most;

    private DiskUse(Path directory) {
        this.directory = directory;
    }

    static DiskUse watch(Path directory) throws IOException, InterruptedException {
        DiskUse use = new DiskUse(directory);
        use.ask();
        use.thread.scheduleWithFixedDelay(use::askInBackground, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        return use;
    }

    private void askInBackground() {
        try {
            ask();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A file may go while {@code du} reads the directory, so its status says nothing; its sum does. */
    private synchronized void ask() throws IOException, InterruptedException {
        Process du = new ProcessBuilder("du", "-s", "-B1", directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String line = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        du.waitFor();
        most = Math.max(most, Long.parseLong(line.substring(0, line.indexOf('\t'))));
    }

    /** Asks once more. */
    long most() throws IOException, InterruptedException {
        ask();
        return most;
    }

    void stop() throws InterruptedException {
        thread.shutdown();
        thread.awaitTermination(1, TimeUnit.MINUTES);
    }
}
