import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes the names of the library's classes, one a line, into a file beside them: a store loads them all when it is first
 * opened. Those of the command line are none of them.
 *
 * <p>Run by the build as a single-file program; the only argument is the directory for classes.
 */
public final class ListClasses {

    private static final String SUFFIX = ".class";

    private ListClasses() {}

    public static void main(String[] args) throws IOException {
        Path classes = Path.of(args[0]);
        Path library = classes.resolve("org").resolve("blobarena");
        try (Stream<Path> files = Files.walk(library)) {
            List<String> names = files.filter(file -> !library.relativize(file).startsWith("cli"))
                    .map(file -> classes.relativize(file).toString())
                    .filter(name -> name.endsWith(SUFFIX) && !name.endsWith("package-info" + SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length())
                            .replace(classes.getFileSystem().getSeparator(), "."))
                    .sorted()
                    .toList();
            Files.write(library.resolve("store").resolve("classes.list"), names);
        }
    }
}
