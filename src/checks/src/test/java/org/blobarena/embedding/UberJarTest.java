package org.blobarena.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All classes of a program and of its libraries in one jar. */
class UberJarTest {

    private static final String SERVICES = "META-INF/services/";

    @TempDir
    Path temporary;

    static Set<Path> javaHomes() throws Exception {
        return Program.javaHomes();
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void programUsesTheStore(Path home) throws Exception {
        Program.run(home, temporary, "-cp", merged(true).toString(), Program.MAIN);
    }

    @Test
    void jarWithoutTheFilesOfServicesIsRefusedWithWhatToDo() throws Exception {
        Program.Result result = Program.execute(
                Path.of(System.getProperty("java.home")),
                temporary,
                "java",
                List.of(
                        "-cp",
                        merged(false).toString(),
                        Program.MAIN,
                        temporary.resolve("store").toString()));
        assertThat(result.status()).isNotZero();
        assertThat(result.output())
                .contains("IllegalStateException: no index for BlobArena")
                .contains("META-INF/services");
        assertThat(temporary.resolve("store")).doesNotExist();
    }

    private Path merged(boolean services) throws IOException {
        List<Path> jars = Libraries.copy(Libraries.ofStore(), temporary.resolve("jars"));
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (Path jar : jars) {
            addAll(jar, entries);
        }
        Path main = Program.STORE.compile(jars, temporary).resolve("user/Main.class");
        entries.put("user/Main.class", Files.readAllBytes(main));
        entries.remove("module-info.class");
        if (!services) {
            entries.keySet().removeIf(name -> name.startsWith(SERVICES));
        }
        Path uber = temporary.resolve("uber.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(uber))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return uber;
    }

    /** The first file of a name wins, but that the files of services are put one after the other. */
    private static void addAll(Path jar, Map<String, byte[]> entries) throws IOException {
        try (InputStream file = Files.newInputStream(jar);
                ZipInputStream in = new ZipInputStream(file)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (entry.getName().startsWith(SERVICES)) {
                    entries.merge(entry.getName(), in.readAllBytes(), UberJarTest::concatenated);
                } else {
                    entries.putIfAbsent(entry.getName(), in.readAllBytes());
                }
            }
        }
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.write('\n');
        both.writeBytes(second);
        return both.toByteArray();
    }
}
