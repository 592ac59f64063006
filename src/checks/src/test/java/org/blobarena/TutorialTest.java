package org.blobarena;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.blobarena.cli.Launcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the pages show compiles, runs, and does what it says: Java, commands, and the coordinates for Maven. */
class TutorialTest {

    /** By page, for each piece of Java in it: what must hold at the end of its innermost block. */
    private static final Map<String, List<String>> SNIPPETS = Map.ofEntries(
            Map.entry(
                    "README.md",
                    List.of(
                            "new String(again).equals(\"<html></html>\")",
                            "new String(tile).equals(\"tile 3/4/2\") && stats.loads() == 1",
                            "distinct == 1 && bodies.nameCount() == 2",
                            "level.size() == 2 && new String(level.get(3L)).equals(\"c\")")),
            Map.entry("archives.md", List.of()),
            Map.entry(
                    "arena.md",
                    List.of(
                            "text.equals(\"bytes that need not be in memory\")",
                            "first.equals(\"page 0 of thread 3\") && arena.fileCount() == 4",
                            "texts.equals(\"two three\") && arena.fileCount() == 2",
                            "text.equals(\"y\".repeat(80)) && first.fileIndex() == 0 && second.fileIndex() == 1",
                            "sum != 0 && new String(reused.toByteArray()).equals(\"and page 2\")",
                            "text.equals(\"one two three\")",
                            "text.toString().equals(\"costs 5 \\ufffd\")",
                            "value == 42",
                            "breadthFirst.equals(\"root branch leaf\")",
                            "disk.toFile().list().length == 0 && writer.fileCount() == 1")),
            Map.entry("building.md", List.of()),
            Map.entry(
                    "cache.md",
                    List.of("new String(again).equals(\"rendered 7/66/42\") && Arrays.equals(tile, again) && removed"
                            + " && tiles.stats().loads() == 1")),
            Map.entry("changelog.md", List.of()),
            Map.entry("command-line.md", List.of()),
            Map.entry(
                    "content.md",
                    List.of(
                            "same.equals(digest) && Arrays.equals(again, page) && report.contentsCollected() == 1",
                            "isNew && !again && toFetch.endsWith(\"about\")",
                            "back.length == 1000")),
            Map.entry("embedding.md", List.of()),
            Map.entry("encryption.md", List.of("new String(read).equals(\"a report\")")),
            Map.entry("examples.md", List.of()),
            Map.entry("graph.md", List.of("breadthFirst.equals(\"a b c d\") && seen.size() == 4")),
            Map.entry("guarantees.md", List.of()),
            Map.entry("infinispan.md", List.of("blobs.get(\"page\").length == 150_000")),
            Map.entry(
                    "integrations.md",
                    List.of(
                            "tiles.get(\"3/4/2\").length == 100_000",
                            "picture.length == 100_000 && Pictures.calls == 1",
                            "cat.name.equals(\"cat\") && sessions.getStatistics().getSecondLevelCacheHitCount() == 1",
                            "picture.length == 100_000 && pictures.get(\"cat\", byte[].class).length == 100_000",
                            "page.equals(\"a page\") && blobs.size() > 0",
                            "keys == 1 && misses == 1")),
            Map.entry("monitoring.md", List.of()),
            Map.entry("operations.md", List.of()),
            Map.entry("performance.md", List.of()),
            Map.entry("reading.md", List.of("before[0] == '1' && after[0] == '2'")),
            Map.entry("snapshots.md", List.of("last[0] == '3'")),
            Map.entry("tuning.md", List.of()),
            Map.entry(
                    "using.md",
                    List.of(
                            "text.equals(\"Arena\") && buffer.remaining() == 5 && length == 5"
                                    + " && new String(part.array()).equals(\"na\")",
                            "both.size() == 2 && removed == 2",
                            "titles.equals(Map.of(\"a\", \"Arena!\", \"b\", \"Blob\"))",
                            "store.sizeOf(\"log\").getAsLong() == 3 && written.getAsLong() == 7000",
                            "store.sizeOf(\"page\").getAsLong() == 700 && store.get(\"order\").length == 1",
                            "!when.isNever() && store.describe(\"session\").expiry().isNever()")));

    private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;$");
    private static final Pattern CLASS = Pattern.compile("public class (\\w+)");
    private static final Pattern VARIABLES = Pattern.compile("^(\\w+=\\S+ )+");
    private static final Set<String> GOALS = Set.of("verify", "install", "spotless:apply");

    @TempDir
    private Path directory;

    private HttpServer server;

    /** What a page shows of a client needs somebody who answers. */
    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = "a page".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Cache-Control", "max-age=3600");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
        System.clearProperty("org.blobarena.jcache.directory");
    }

    private String address() {
        return "http://localhost:" + server.getAddress().getPort() + "/";
    }

    @Test
    void everyPageIsKnownHereAndShowsNothingThatIsNotRun() throws Exception {
        assertThat(Page.all()).extracting(Page::name).containsExactlyInAnyOrderElementsOf(SNIPPETS.keySet());
        assertThat(Page.all())
                .allSatisfy(page -> assertThat(page.blocks())
                        .extracting(Page.Block::language)
                        .isSubsetOf("java", "sh", "xml"));
    }

    @Test
    void everySnippetCompilesAndRuns() throws Exception {
        int number = 0;
        for (Page page : Page.all()) {
            List<String> snippets = page.blocks("java");
            List<String> claims = SNIPPETS.getOrDefault(page.name(), List.of());
            assertThat(snippets).as(page.name()).hasSameSizeAs(claims);
            for (int i = 0; i < snippets.size(); i++) {
                run(withClaim(snippets.get(i), claims.get(i)), "Snippet" + number++);
            }
        }
    }

    /** At the end of the innermost block, where the snippet's variables are: before the last braces. */
    private static String withClaim(String snippet, String claim) {
        Matcher end = Pattern.compile("\\n\\s*\\}[\\s}]*$").matcher(snippet);
        assertThat(end.find()).as(snippet).isTrue();
        return snippet.substring(0, end.start())
                + "\nif (!(" + claim + ")) throw new AssertionError();"
                + snippet.substring(end.start());
    }

    private void run(String snippet, String name) throws Exception {
        Matcher whole = CLASS.matcher(snippet);
        if (whole.find()) {
            run(whole.group(1), snippet, new String[] {
                directory.resolve("store").resolve(name).toString()
            });
            return;
        }
        assertThat(IMPORT.matcher(snippet).find()).as(snippet).isFalse();
        run(
                name,
                """
                import io.micrometer.core.instrument.*;
                import io.micrometer.core.instrument.simple.*;
                import java.io.OutputStream;
                import java.nio.ByteBuffer;
                import java.nio.charset.StandardCharsets;
                import java.nio.file.*;
                import java.security.SecureRandom;
                import java.time.*;
                import java.util.*;
                import java.util.concurrent.*;
                import java.util.zip.CRC32;
                import javax.cache.*;
                import javax.cache.spi.*;
                import org.apache.hc.client5.http.classic.methods.*;
                import org.apache.hc.client5.http.impl.cache.*;
                import org.apache.hc.client5.http.impl.classic.*;
                import org.blobarena.arena.*;
                import org.blobarena.cache.*;
                import org.blobarena.content.*;
                import org.blobarena.httpclient.*;
                import org.blobarena.infinispan.*;
                import org.blobarena.jcache.*;
                import org.blobarena.micrometer.*;
                import org.blobarena.spring.*;
                import org.blobarena.store.*;
                import org.blobarena.store.api.*;
                import org.blobarena.store.upkeep.*;
                import org.hibernate.SessionFactory;
                import org.hibernate.cfg.Configuration;
                import org.blobarena.store.crypt.*;
                import org.infinispan.configuration.cache.ConfigurationBuilder;
                import org.infinispan.manager.DefaultCacheManager;
                import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
                import org.springframework.boot.builder.SpringApplicationBuilder;
                import org.springframework.cache.annotation.Cacheable;
                import org.springframework.cache.annotation.EnableCaching;
                public class %s {
                    static final String address = "%s";
                    static final String database = "jdbc:h2:mem:pages";
                    @EnableAutoConfiguration
                    @EnableCaching
                    public static class Pictures {
                        static int calls;
                        @Cacheable("pictures")
                        public byte[] picture(String name) {
                            calls++;
                            return new byte[100_000];
                        }
                    }
                    @jakarta.persistence.Entity
                    @jakarta.persistence.Cacheable
                    @org.hibernate.annotations.Cache(usage = org.hibernate.annotations.CacheConcurrencyStrategy.READ_WRITE)
                    public static class Picture {
                        @jakarta.persistence.Id
                        int id;
                        String name;
                        protected Picture() {}
                        Picture(int id, String name) {
                            this.id = id;
                            this.name = name;
                        }
                    }
                    public static void main(Path directory) throws Exception {
                %s
                    }
                }
                """.formatted(name, address(), snippet),
                directory.resolve(name).resolve("store"));
    }

    private void run(String type, String source, Object argument) throws Exception {
        Path file = Files.writeString(directory.resolve(type + ".java"), source);
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-d", directory.toString(), file.toString());
        assertThat(status).as(source).isZero();
        Class<?> parameter = argument instanceof Path ? Path.class : String[].class;
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, getClass().getClassLoader())) {
            Thread.currentThread().setContextClassLoader(loader); // As that of a program has its classes.
            loader.loadClass(type).getMethod("main", parameter).invoke(null, argument);
        } catch (InvocationTargetException e) {
            throw new AssertionError(source, e.getCause());
        } finally {
            Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void everyCommandOnAStoreSucceedsFromTheTopOfItsPageToTheEnd() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree/base"));
        for (int i = 0; i < 100; i++) {
            Files.writeString(tree.resolve("copyright-" + i), "copyright " + i);
        }
        for (Page page : Page.all()) {
            List<String> blocks = page.blocks("sh").stream()
                    .filter(block -> block.contains("tools/blobarena"))
                    .map(block ->
                            block.replace("/usr/share/doc", tree.getParent().toString()))
                    .toList();
            if (!blocks.isEmpty()) {
                Launcher launcher = new Launcher(directory.resolve("checkout of " + page.name()));
                Launcher.Result result = launcher.shell(Map.of(), blocks.toArray(String[]::new));
                assertThat(result.err()).as(page.name()).isEmpty();
                assertThat(result.status()).as(page.name()).isZero();
            }
        }
    }

    /** Of those that would take too long, and of what stands as a command in the text: that there is such a one. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void everyOtherCommandIsOneThatItsProgramKnows() throws Exception {
        for (Page page : Page.all()) {
            for (String block : page.blocks("sh")) {
                for (String line : block.lines().toList()) {
                    checkCommand(line);
                }
            }
            for (String code : page.code()) {
                if (code.matches("(.* )?tools/(soak|mutants) .*|mvn .*")) {
                    checkCommand(code);
                }
            }
        }
    }

    private static void checkCommand(String line) throws Exception {
        List<String> words = List.of(VARIABLES.matcher(line).replaceFirst("").split(" ", -1));
        String program = words.get(0);
        List<String> rest = words.subList(1, words.size());
        if (program.equals("mvn")) {
            assertThat(rest).as(line).allMatch(word -> word.startsWith("-") || GOALS.contains(word));
        } else if (program.equals("tools/soak") || program.equals("tools/mutants")) {
            List<String> known = List.of(output(program, "--help").split("[^\\w-]+", -1));
            assertThat(rest).as(line).allMatch(word -> word.matches("\\d+") || known.contains(word));
        } else if (!Set.of("cp", "echo", "tar").contains(program)) {
            assertThat(Path.of(program)).as(line).isExecutable();
        }
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output;
    }

    @Test
    void coordinatesAreThoseOfTheBuild() throws Exception {
        String root = Files.readString(Path.of("pom.xml"));
        List<String> dependencies =
                Page.all().stream().flatMap(page -> page.blocks("xml").stream()).toList();
        assertThat(dependencies).hasSize(2);
        for (String dependency : dependencies) {
            assertThat(root).contains(dependency.lines().toList().get(1));
            assertThat(root).contains(value("version", dependency));
            assertThat(value("artifactId", dependency)).isIn(Sources.artifacts());
        }
    }

    private static String value(String element, String xml) {
        return xml.replaceAll("(?s).*<" + element + ">(.*)</" + element + ">.*", "$1");
    }
}
