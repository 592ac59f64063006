package org.blobarena.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.blobarena.cli.Main;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program gets that names an artifact: the jars, what is in them, and nothing that it does not need. */
class ArtifactsTest {

    @TempDir
    Path temporary;

    @Test
    void arenaNeedsTheJdkAlone() throws IOException {
        assertThat(Libraries.ofArena()).hasSize(1).allMatch(entry -> Libraries.isOf("src/arena", entry));
    }

    @Test
    void storeBringsOnlyChronicleAndWhatItUsesItself() throws IOException {
        List<String> names = new ArrayList<>();
        for (Path entry : Libraries.ofStore()) {
            if (entry.endsWith("classes") || entry.getFileName().toString().startsWith("blobarena")) {
                continue;
            }
            names.add(entry.getFileName().toString().replaceAll("-\\d.*", ""));
        }
        assertThat(names)
                .containsExactlyInAnyOrder(
                        "chronicle-algorithms",
                        "chronicle-bytes",
                        "chronicle-core",
                        "chronicle-map",
                        "chronicle-threads",
                        "chronicle-values",
                        "chronicle-wire",
                        "commons-io",
                        "compiler",
                        "hash4j",
                        "javapoet",
                        "posix",
                        "slf4j-api");
    }

    @Test
    void jcacheBringsTheStoreAndItsApiAndAloneHasAProvider() throws IOException {
        List<Path> entries = new ArrayList<>(Libraries.ofIntegration("src/jcache"));
        List<Path> others = new ArrayList<>(entries);
        others.removeIf(entry -> isOfStore(entry) || Libraries.isOf("src/jcache", entry));
        assertThat(others)
                .singleElement()
                .satisfies(entry -> assertThat(entry.getFileName()).hasToString("cache-api-1.1.1.jar"));
        entries.removeIf(entry -> !Libraries.isOf("src", entry));
        List<String> withProvider = new ArrayList<>();
        for (Path library : Libraries.copy(entries, temporary.resolve("libraries"))) {
            try (JarFile jar = new JarFile(library.toFile())) {
                if (jar.getEntry("META-INF/services/javax.cache.spi.CachingProvider") != null) {
                    withProvider.add(jar.stream()
                            .map(JarEntry::getName)
                            .filter(name -> name.endsWith("/JCache.class"))
                            .findFirst()
                            .orElse(""));
                    assertThat(licence(library)).isTrue();
                }
            }
        }
        assertThat(withProvider).containsExactly("org/blobarena/jcache/JCache.class");
    }

    @Test
    void integrationsBringTheStoreAndWhatTheyIntegrate() throws IOException {
        assertThat(othersOf("src/spring"))
                .containsExactlyInAnyOrder(
                        "commons-logging",
                        "micrometer-commons",
                        "micrometer-observation",
                        "spring-aop",
                        "spring-beans",
                        "spring-context",
                        "spring-core",
                        "spring-expression");
        assertThat(othersOf("src/httpclient"))
                .containsExactlyInAnyOrder("httpclient5", "httpclient5-cache", "httpcore5", "httpcore5-h2");
        assertThat(othersOf("src/micrometer"))
                .containsExactlyInAnyOrder(
                        "HdrHistogram", "micrometer-commons", "micrometer-core", "micrometer-observation");
    }

    private static List<String> othersOf(String folder) throws IOException {
        List<Path> others = new ArrayList<>(Libraries.ofIntegration(folder));
        others.removeIf(entry -> isOfStore(entry) || Libraries.isOf(folder, entry));
        return others.stream()
                .map(entry -> entry.getFileName().toString().replaceAll("-\\d.*", ""))
                .toList();
    }

    @Test
    void infinispanBringsTheStoreAndNothingOfItsTests() throws IOException {
        List<Path> entries = Libraries.ofIntegration("src/infinispan");
        assertThat(entries).containsAll(Libraries.ofStore());
        assertThat(entries)
                .extracting(entry -> entry.getFileName().toString())
                .contains("infinispan-core-16.1.4.jar")
                .noneMatch(
                        name -> name.matches("(testng|mockito|junit|infinispan-(testing|component)).*|.*-tests.jar"));
    }

    private static boolean isOfStore(Path entry) {
        try {
            return Libraries.ofStore().contains(entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyJarHoldsTheLicenceAndNoClassPath() throws IOException {
        List<Path> entries = new ArrayList<>(Libraries.ofStore());
        entries.removeIf(entry -> !Libraries.isOf("src", entry));
        assertThat(entries).hasSize(4);
        for (Path library : Libraries.copy(entries, temporary.resolve("libraries"))) {
            assertThat(licence(library)).as(library.toString()).isTrue();
            try (JarFile jar = new JarFile(library.toFile())) {
                assertThat(jar.getManifest().getMainAttributes()).doesNotContainKey(Attributes.Name.CLASS_PATH);
            }
        }
        Path cli = ChildJvm.classesOf(Main.class);
        assertThat(licence(
                        Libraries.copy(List.of(cli), temporary.resolve("cli")).get(0)))
                .isTrue();
    }

    private static boolean licence(Path library) throws IOException {
        try (JarFile jar = new JarFile(library.toFile())) {
            byte[] found =
                    jar.getInputStream(jar.getJarEntry("META-INF/LICENSE")).readAllBytes();
            return new String(found, StandardCharsets.UTF_8).equals(Files.readString(Path.of("LICENSE")));
        }
    }

    @Test
    void pomNamesWhatARepositoryOfArtifactsAsksFor() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        assertThat(pom).contains("<url>", "<licenses>", "<developers>", "<scm ", "<description>");
        // Else every module's addresses would end in its name.
        assertThat(pom)
                .contains("child.project.url.inherit.append.path=\"false\"")
                .contains("child.scm.url.inherit.append.path=\"false\"");
    }
}
