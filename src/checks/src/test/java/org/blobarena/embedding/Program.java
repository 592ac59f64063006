package org.blobarena.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.blobarena.cli.Launcher;

/** A small program of a user: a module with one class, which prints a line when all is well. */
enum Program {
    ARENA("org.blobarena.arena", """
            package user;

            import org.blobarena.arena.FileArena;
            import org.blobarena.arena.FileArenaWriter;
            import org.blobarena.arena.Location;

            public class Main {
                public static void main(String[] arguments) throws Exception {
                    try (FileArenaWriter writer = FileArenaWriter.temporary(0)) {
                        Location location = writer.push("abc");
                        try (FileArena arena = writer.intoArena()) {
                            System.out.println("used " + arena.getString(location).length());
                        }
                    }
                }
            }
            """),
    /** Opens its store twice, so that the index is made, and opened as it was closed. */
    STORE("org.blobarena", """
            package user;

            import java.nio.file.Path;
            import org.blobarena.store.BlobStore;
            import org.blobarena.store.api.KeyCodec;

            public class Main {
                public static void main(String[] arguments) throws Exception {
                    Path directory = Path.of(arguments[0]);
                    try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
                        store.put("key", new byte[] {1, 2, 3});
                    }
                    try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
                        System.out.println("used " + store.get("key").length);
                    }
                }
            }
            """),
    MICROMETER("org.blobarena.micrometer", """
            package user;

            import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
            import java.nio.file.Path;
            import org.blobarena.micrometer.BlobStoreMetrics;
            import org.blobarena.store.BlobStore;
            import org.blobarena.store.api.KeyCodec;

            public class Main {
                public static void main(String[] arguments) throws Exception {
                    SimpleMeterRegistry registry = new SimpleMeterRegistry();
                    try (BlobStore<Long> store = BlobStore.open(Path.of(arguments[0]), KeyCodec.longs())) {
                        for (long key = 0; key < 3; key++) {
                            store.put(key, new byte[10]);
                        }
                        BlobStoreMetrics.monitor(registry, store, "store");
                        System.out.println("used " + (int) registry.get("blobarena.keys").gauge().value());
                    }
                }
            }
            """),
    JCACHE("org.blobarena.jcache", """
            package user;

            import java.nio.file.Path;
            import javax.cache.Cache;
            import javax.cache.CacheManager;
            import javax.cache.Caching;
            import javax.cache.spi.CachingProvider;
            import org.blobarena.jcache.BlobCacheConfiguration;

            public class Main {
                public static void main(String[] arguments) throws Exception {
                    try (CachingProvider provider = Caching.getCachingProvider()) {
                        CacheManager manager = provider.getCacheManager(Path.of(arguments[0]).toUri(), null);
                        Cache<String, byte[]> cache =
                                manager.createCache("cache", new BlobCacheConfiguration<String, byte[]>());
                        cache.put("key", new byte[] {1, 2, 3});
                        System.out.println("used " + cache.get("key").length);
                    }
                }
            }
            """),
    SPRING("org.blobarena.spring", """
            package user;

            import java.nio.file.Path;
            import org.blobarena.spring.BlobArenaCacheManager;
            import org.springframework.cache.Cache;

            public class Main {
                public static void main(String[] arguments) throws Exception {
                    try (BlobArenaCacheManager manager =
                            BlobArenaCacheManager.builder().open(Path.of(arguments[0]))) {
                        Cache cache = manager.getCache("cache");
                        byte[] loaded = cache.get("key", () -> new byte[] {1, 2, 3});
                        System.out.println("used " + cache.get("key", byte[].class).length);
                    }
                }
            }
            """),
    HTTPCLIENT("org.blobarena.httpclient", """
            package user;

            import java.nio.file.Path;
            import org.apache.hc.client5.http.cache.HttpCacheStorage;
            import org.blobarena.cache.BlobCache;
            import org.blobarena.httpclient.BlobHttpCacheStorage;
            import org.blobarena.store.api.KeyCodec;

            public class Main {
                public static void main(String[] arguments) throws Exception {
                    try (BlobCache<String> blobs = BlobCache.builder(KeyCodec.utf8())
                            .maximumBytes(1 << 24)
                            .open(Path.of(arguments[0]))) {
                        HttpCacheStorage storage = new BlobHttpCacheStorage(blobs);
                        storage.updateEntry("key", existing -> null);
                        System.out.println("used " + (storage.getEntry("key") == null ? 3 : 0));
                    }
                }
            }
            """);

    static final String MAIN = "user.Main";

    private final String module;
    private final String source;

    Program(String module, String source) {
        this.module = module;
        this.source = source;
    }

    /** Compiles the module as a strict user does, against these jars, and returns the directory of its classes. */
    Path compile(List<Path> modulePath, Path directory) throws IOException {
        Path sources = Files.createDirectories(directory.resolve("sources"));
        Path descriptor =
                Files.writeString(sources.resolve("module-info.java"), "module user { requires " + module + "; }");
        Path main = Files.writeString(sources.resolve("Main.java"), source);
        Path classes = directory.resolve("classes");
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        messages,
                        messages,
                        "-Xlint:all",
                        "-Werror",
                        "--release",
                        "17",
                        "-proc:none",
                        "--class-path",
                        "",
                        "--module-path",
                        path(modulePath),
                        "-d",
                        classes.toString(),
                        descriptor.toString(),
                        main.toString());
        assertThat(status).as(messages.toString(StandardCharsets.UTF_8)).isZero();
        return classes;
    }

    /** Runs a command of which the last argument is for the program, and checks that it has done its work. */
    static void run(Path home, Path directory, String... arguments) throws IOException, InterruptedException {
        Path store = Files.createTempDirectory(directory, "run").resolve("store");
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add(store.toString());
        Result result = execute(home, directory, "java", all);
        assertThat(result.output()).contains("used 3");
        assertThat(result.status()).as(result.output()).isZero();
    }

    /** Runs a program of a JDK to its end. */
    static Result execute(Path home, Path directory, String tool, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin").resolve(tool).toString()));
        command.addAll(arguments);
        Path output = Files.createTempFile(directory, "output", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().remove("JDK_JAVA_OPTIONS");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES))
                    .as(command.toString())
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    /** What a process left behind. */
    record Result(int status, String output) {}

    /** The JDK in use, and the JDK 25 beside it. */
    static Set<Path> javaHomes() throws IOException {
        Set<Path> homes = new LinkedHashSet<>();
        homes.add(Path.of(System.getProperty("java.home")).toRealPath());
        Launcher.jdk25().ifPresent(homes::add);
        return homes;
    }

    static String path(List<Path> entries) {
        return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
}
