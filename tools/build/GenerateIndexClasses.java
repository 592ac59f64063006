import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Compiles two classes with which Chronicle Map opens a map on a Java runtime that has no compiler, and a
 * second sooner on one that has. The index defines them beside Chronicle's own classes when it runs; in the jar they
 * are files that no class loader takes for classes.
 *
 * <p>The first is the view of the map's header that Chronicle Values would otherwise generate and compile
 * with javac when the first map is opened. It looks for a class of that name before it generates one. The
 * source comes from its own generator and not from a copy kept here: the class must fit the version of
 * Chronicle Map that stands in the pom.
 *
 * <p>The second is a table of models for Chronicle Values. Making the model of a value class loads Chronicle's
 * run-time compiler, which throws an {@code AssertionError} where there is no javac. This table has the model of the
 * first class and asks the table that it replaces for all others.
 *
 * <p>Run by the build as a single-file program; the class path is the compile class path, the only argument
 * the directory for classes.
 */
public final class GenerateIndexClasses {

    private static final String STATE = "net.openhft.chronicle.hash.VanillaGlobalMutableState";

    private static final String MODELS = "net.openhft.chronicle.values.PrecompiledModels";

    private static final String MODELS_SOURCE = """
            package net.openhft.chronicle.values;

            public final class PrecompiledModels extends ClassValue<Object> {
                private final ClassValue<?> others;
                private final Class<?> precompiled;
                private final Object model;

                public PrecompiledModels(ClassValue<?> others, Class<?> precompiled, Object model) {
                    this.others = others;
                    this.precompiled = precompiled;
                    this.model = model;
                }

                @Override
                protected Object computeValue(Class<?> type) {
                    return type == precompiled ? model : others.get(type);
                }
            }
            """;

    private GenerateIndexClasses() {}

    public static void main(String[] args) throws IOException, ReflectiveOperationException {
        // No package can have this name, so that the files are found in a named module too.
        Path resources = Files.createDirectories(Path.of(args[0], "META-INF", "blobarena"));
        Class<?> state = Class.forName(STATE);
        compile(STATE + "$$Native", generate(state, state.getSimpleName() + "$$Native"), resources);
        compile(MODELS, MODELS_SOURCE, resources);
    }

    private static String generate(Class<?> state, String simpleName) throws ReflectiveOperationException {
        Class<?> modelClass = Class.forName("net.openhft.chronicle.values.ValueModel");
        Object model = modelClass.getMethod("acquire", Class.class).invoke(null, state);
        // Not public. Its only public caller compiles at once, for the running version of Java and no older,
        // and keeps the bytes to itself.
        Method generator = Class.forName("net.openhft.chronicle.values.Generators")
                .getDeclaredMethod("generateNativeClass", modelClass, String.class);
        generator.setAccessible(true);
        return (String) generator.invoke(null, model, simpleName);
    }

    private static void compile(String name, String source, Path resources) throws IOException {
        URI uri = URI.create("string:///" + name.replace('.', '/') + ".java");
        JavaFileObject file = new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        // No lint: the source is not ours to mend. No annotation processors: there is nothing for them.
        List<String> options = List.of(
                "--release",
                "17",
                "-proc:none",
                "-Xlint:none",
                "-nowarn",
                "-classpath",
                System.getProperty("java.class.path"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (ClassFiles files = new ClassFiles(compiler.getStandardFileManager(null, null, null), resources)) {
            if (!compiler.getTask(messages, files, null, options, null, List.of(file))
                    .call()) {
                throw new IOException("javac rejects the source of " + name + ":\n" + messages + source);
            }
        }
    }

    /** Writes each class into a file named after it. */
    private static final class ClassFiles extends ForwardingJavaFileManager<JavaFileManager> {

        private final Path directory;

        ClassFiles(JavaFileManager others, Path directory) {
            super(others);
            this.directory = directory;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            URI uri = URI.create("bytes:///" + name.replace('.', '/'));
            return new SimpleJavaFileObject(uri, kind) {
                @Override
                public OutputStream openOutputStream() {
                    return new ByteArrayOutputStream() {
                        @Override
                        public void close() throws IOException {
                            Files.write(directory.resolve(name + ".bytes"), toByteArray());
                        }
                    };
                }
            };
        }
    }
}
