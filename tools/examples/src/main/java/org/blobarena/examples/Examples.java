package org.blobarena.examples;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.commons.io.FileUtils;

/**
 * Starts one program by its name. The exit status is 0 when all that it checked holds, 1 when something does not, 2 for
 * wrong usage, and 3 when input or output failed.
 */
public final class Examples {

    private static final Map<String, Supplier<Example>> EXAMPLES =
            Map.of("cache", CacheExample::new, "crawl", CrawlExample::new, "graph", GraphExample::new);

    private static final String USAGE = """
            Usage: blobarena example NAME [DIR...]
            Shows the store at work on real files in less than a minute, in a temporary directory that is removed
            afterwards. NAME is one of:
              cache   a cache on disk, bounded in bytes, in front of work that is repeated by Zipf's law
              crawl   a crawler that follows links, and keeps the same content once; DIR may name WARC files
              graph   a walk through linked pages, whose text stays on disk
            Works on files of this machine when no DIR is given.""";

    private Examples() {}

    /**
     * Runs one program and exits with its status.
     *
     * @param args the name of the program, and what it works on
     */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    private static int run(String... args) {
        if (args.length == 1 && (args[0].equals("--help") || args[0].equals("-h"))) {
            System.out.println(USAGE);
            return 0;
        }
        Supplier<Example> example = args.length == 0 ? null : EXAMPLES.get(args[0]);
        if (example == null) {
            complain((args.length == 0 ? "no example is named" : "no such example: " + args[0])
                    + " (see blobarena example --help)");
            return 2;
        }
        try {
            return run(example.get(), sources(Arrays.asList(args).subList(1, args.length)));
        } catch (Example.NoSourceException | InvalidPathException e) {
            complain(String.valueOf(e.getMessage()));
            return 2;
        } catch (NoSuchFileException e) {
            complain(e.getFile() + ": no such file or directory");
        } catch (FileSystemException e) {
            complain(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            complain(e.toString());
        } catch (InterruptedException e) {
            complain("interrupted");
        }
        return 3;
    }

    private static int run(Example example, List<Path> sources) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("blobarena-example-");
        // Also when the user ends it half-way.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> FileUtils.deleteQuietly(work.toFile())));
        Figures figures = new Figures(System.out);
        long started = System.nanoTime();
        example.run(new Example.Input(sources, work), figures);
        figures.say(
                "%s after %.1f s.",
                figures.everythingHolds() ? "Done" : "This is not as it should be",
                Figures.seconds(System.nanoTime() - started));
        return figures.everythingHolds() ? 0 : 1;
    }

    private static List<Path> sources(List<String> names) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String name : names) {
            sources.add(Path.of(name).toRealPath());
        }
        return sources;
    }

    private static void complain(String problem) {
        System.err.println("blobarena: example: " + problem);
    }
}
