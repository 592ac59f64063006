import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes the names of the classes of one module, one a line, into a file beside them: a store loads them all when it is
 * first opened.
 *
 * <p>Run by the build as a single-file program; the arguments are the directory for classes and the name of the module's
 * folder.
 */
public final class ListClasses {

    private static final String SUFFIX = ".class";

    private ListClasses() {}

    public static void main(String[] args) throws IOException {
        Path classes = Path.of(args[0]);
        // No package can have this name, so that a class loader finds the file in a named module too.
        Path list = classes.resolve("META-INF").resolve("blobarena").resolve(args[1] + ".classes");
        Files.createDirectories(list.getParent());
        try (Stream<Path> files = Files.walk(classes.resolve("org").resolve("blobarena"))) {
            List<String> names = files.map(file -> classes.relativize(file).toString())
                    .filter(name -> name.endsWith(SUFFIX) && !name.endsWith("package-info" + SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length())
                            .replace(classes.getFileSystem().getSeparator(), "."))
                    .sorted()
                    .toList();
            Files.write(list, names);
        }
    }
}
