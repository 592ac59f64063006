package org.blobarena.cli.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.commons.io.file.PathUtils;

/**
 * What must not stay when a signal ends the process: files that are not whole yet, and the directory of a tour.
 *
 * <p>They are deleted by a shutdown hook, which runs beside the command. So that the command makes no new ones after
 * that, it makes them here, under a lock, and stops for good when it comes by once the end has begun.
 */
public final class Leftovers {

    private static final int TRIES = 100;
    private static final long PAUSE_MILLIS = 20;
    private static final long WAIT_SECONDS = 2;

    private static final Set<Path> PATHS = new HashSet<>();
    private static final CountDownLatch STOPPED = new CountDownLatch(1);
    private static boolean hooked;
    private static boolean ending;

    private Leftovers() {}

    /** Makes one. */
    @FunctionalInterface
    public interface Maker<T> {
        T make() throws IOException;
    }

    /** Makes something at a path that is deleted if a signal ends the process before {@link #settled}. */
    public static <T> T make(Maker<T> maker, Function<T, Path> path) throws IOException {
        stopIfEnding();
        synchronized (Leftovers.class) {
            if (!ending) {
                if (!hooked) {
                    hooked = true;
                    Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::deleteAll, "blobarena-leftovers"));
                }
                T made = maker.make();
                PATHS.add(path.apply(made));
                return made;
            }
        }
        stopIfEnding();
        throw new IllegalStateException("unreachable");
    }

    /** The path has got what it is for, or is gone. */
    public static synchronized void settled(Path path) {
        PATHS.remove(path);
    }

    /** Does not return once the process is ending. */
    public static void stopIfEnding() {
        if (isEnding()) {
            STOPPED.countDown();
            while (true) {
                try {
                    Thread.sleep(Long.MAX_VALUE);
                } catch (InterruptedException e) {
                    // The process ends all the same.
                }
            }
        }
    }

    private static synchronized boolean isEnding() {
        return ending;
    }

    private static void deleteAll() {
        Set<Path> left;
        synchronized (Leftovers.class) {
            ending = true;
            left = Set.copyOf(PATHS);
        }
        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
        try {
            for (Path path : left) {
                delete(path);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path path) throws InterruptedException {
        if (Files.isDirectory(path)) {
            // The command still works there; it stops soon, or its files come back a few times.
            boolean stopped = STOPPED.await(WAIT_SECONDS, TimeUnit.SECONDS);
            for (int i = 0; i < (stopped ? 2 : TRIES) && Files.exists(path); i++) {
                deleteOnce(path);
                Thread.sleep(PAUSE_MILLIS);
            }
        } else {
            deleteOnce(path);
        }
    }

    private static void deleteOnce(Path path) {
        try {
            PathUtils.delete(path);
        } catch (IOException e) {
            // Gone, or tried again.
        }
    }
}
