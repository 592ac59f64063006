package org.blobarena;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in README.md compiles, runs, and does what its comments say. */
class TutorialTest {

    private static final Pattern SNIPPET = Pattern.compile("(?s)```java\n(.*?)```");

    /** What a reader would have around the snippets, and what the snippets promise. */
    private static final List<String> ENDINGS = List.of(
            "if (!java.util.Arrays.equals(again, body)) throw new AssertionError(\"not read back\");",
            "if (!titles.equals(Map.of(\"a\", \"Arena!\", \"b\", \"Blob\")) || buffer.remaining() != 6 || length != 4"
                    + " || both.size() != 2) throw new AssertionError(titles);",
            "if (!text.equals(\"bytes that need not be in memory\")) throw new AssertionError(text);");

    @TempDir
    private Path directory;

    @Test
    void everySnippetOfTheReadmeCompilesAndRuns() throws Exception {
        List<String> snippets = snippets();
        assertThat(snippets).hasSameSizeAs(ENDINGS);
        for (int i = 0; i < snippets.size(); i++) {
            run("Snippet" + i, withEnding(snippets.get(i), ENDINGS.get(i)));
        }
        assertThat(directory.resolve("store").resolve("STORE")).exists();
    }

    private static List<String> snippets() throws Exception {
        List<String> snippets = new ArrayList<>();
        Matcher matcher = SNIPPET.matcher(Files.readString(Path.of("README.md")));
        while (matcher.find()) {
            snippets.add(matcher.group(1));
        }
        return snippets;
    }

    /** Inside the innermost block, where the snippet's variables are. */
    private static String withEnding(String snippet, String ending) {
        int innermostEnd = snippet.indexOf('}');
        return snippet.substring(0, innermostEnd) + ending + snippet.substring(innermostEnd);
    }

    private void run(String name, String body) throws Exception {
        Path source = directory.resolve(name + ".java");
        Files.writeString(source, """
                import java.nio.ByteBuffer;
                import java.nio.file.Path;
                import java.util.List;
                import java.util.Map;
                import java.util.concurrent.ConcurrentMap;
                import org.blobarena.arena.*;
                import org.blobarena.store.*;
                public class %s {
                    public static void run(Path directory, byte[] body) throws Exception {
                %s
                    }
                }
                """.formatted(name, body));
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-d", directory.toString(), source.toString());
        assertThat(status).as(body).isZero();
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, getClass().getClassLoader())) {
            loader.loadClass(name)
                    .getMethod("run", Path.class, byte[].class)
                    .invoke(null, directory.resolve("store"), new byte[] {1, 2, 3});
        } catch (InvocationTargetException e) {
            throw new AssertionError(body, e.getCause());
        }
    }
}
