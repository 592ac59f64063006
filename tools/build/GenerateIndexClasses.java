import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Writes two classes with which Chronicle Map opens a map on a Java runtime that has no compiler, and a
 * second sooner on one that has.
 *
 * <p>The first is the view of the map's header that Chronicle Values would otherwise generate and compile
 * with javac when the first map is opened. It looks for a class of that name before it generates one. The
 * source comes from its own generator and not from a copy kept here: the class must fit the version of
 * Chronicle Map that stands in the pom.
 *
 * <p>The second is an empty javac. Chronicle's run-time compiler looks for a compiler when it is loaded,
 * which is always, and throws an {@code AssertionError} when it finds none; it does not mind that the one
 * that it finds is null. A runtime that has the real class, in its module jdk.compiler, never sees this one.
 *
 * <p>Run by the build as a single-file program; the class path is the compile class path, the only argument
 * the directory for classes.
 */
public final class GenerateIndexClasses {

    private static final String STATE = "net.openhft.chronicle.hash.VanillaGlobalMutableState";

    private static final String JAVAC = "com.sun.tools.javac.api.JavacTool";

    private static final String JAVAC_SOURCE = """
            package com.sun.tools.javac.api;

            public final class JavacTool {
                private JavacTool() {}

                public static Object create() {
                    return null;
                }
            }
            """;

    private GenerateIndexClasses() {}

    public static void main(String[] args) throws IOException, ReflectiveOperationException {
        Path classes = Path.of(args[0]);
        Class<?> state = Class.forName(STATE);
        compile(STATE + "$$Native", generate(state, state.getSimpleName() + "$$Native"), classes, List.of());
        // Limited, because javac does not let us into a package of a module that it sees.
        compile(JAVAC, JAVAC_SOURCE, classes, List.of("--limit-modules", "java.base"));
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

    private static void compile(String name, String source, Path classes, List<String> more) throws IOException {
        Files.createDirectories(classes);
        URI uri = URI.create("string:///" + name.replace('.', '/') + ".java");
        JavaFileObject file = new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        // No lint: the source is not ours to mend. No annotation processors: there is nothing for them.
        List<String> options = new ArrayList<>(List.of("--release", "17", "-proc:none", "-Xlint:none", "-nowarn"));
        options.addAll(List.of("-classpath", System.getProperty("java.class.path"), "-d", classes.toString()));
        options.addAll(more);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        if (!compiler.getTask(messages, null, null, options, null, List.of(file))
                .call()) {
            throw new IOException("javac rejects the source of " + name + ":\n" + messages + source);
        }
    }
}
