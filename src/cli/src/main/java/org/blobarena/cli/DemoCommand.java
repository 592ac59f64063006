package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.commons.io.FileUtils;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.process.Leftovers;
import org.blobarena.cli.transfer.FileTree;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows the store at work. */
@Command(
        name = "demo",
        description = {
            "Shows the store at work on real files, in a temporary directory that is removed afterwards: imports, "
                    + "compares, overwrites, removes, kills a writing process and looks for what it had acknowledged.",
            "Takes less than a minute, and at most " + DemoCommand.FILES_MAX + " files and " + DemoCommand.MEGABYTES_MAX
                    + " MB of the tree. --store is not used."
        })
final class DemoCommand implements Callable<Integer> {

    static final int FILES_MAX = 20_000;
    static final int MEGABYTES_MAX = 300;

    private static final Path DOCUMENTATION = Path.of("/usr/share/doc");
    private static final int FILES_WANTED = 1000;

    @ParentCommand
    private Main main;

    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            description = "The tree to use; when not given, /usr/share/doc if there is much in it, else the home of "
                    + "the Java runtime.")
    private @Nullable Path directory;

    @Override
    public Integer call() throws IOException {
        Path work = Leftovers.make(() -> Files.createTempDirectory("blobarena-demo-"), Function.identity());
        try {
            boolean succeeded = new Demo(main.console(), tree(work), work).run();
            return succeeded ? ExitStatus.DONE : ExitStatus.NEGATIVE;
        } finally {
            FileUtils.deleteDirectory(work.toFile());
            Leftovers.settled(work);
        }
    }

    private FileTree tree(Path work) throws IOException {
        if (directory != null) {
            return bounded(directory, work);
        }
        if (Files.isDirectory(DOCUMENTATION)) {
            FileTree documentation = bounded(DOCUMENTATION, work);
            if (documentation.totals().files() >= FILES_WANTED) {
                return documentation;
            }
        }
        return bounded(Path.of(System.getProperty("java.home")), work);
    }

    private static FileTree bounded(Path root, Path work) throws IOException {
        return new FileTree(root, work.toRealPath()).bounded(FILES_MAX, MEGABYTES_MAX * 1_000_000L);
    }
}
