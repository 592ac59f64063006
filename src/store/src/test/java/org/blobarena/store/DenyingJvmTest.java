package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.testing.UsualIndex;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JVMs that deny what Chronicle Map needs, or do not have it: a store works there, and says with what. */
class DenyingJvmTest {

    private static final String ALLOW = "--sun-misc-unsafe-memory-access=allow";
    private static final String DENY = "--sun-misc-unsafe-memory-access=deny";
    private static final String FEW_MODULES =
            "--limit-modules=java.base,java.management,java.compiler,java.logging,java.naming";

    /** What its flags are for, but for the first. */
    private static final List<String> OPEN = List.of(
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

    @TempDir
    Path temporary;

    private Path store;

    @BeforeEach
    void requireChronicleMap() {
        UsualIndex.assumeChronicleMap();
        store = temporary.resolve("store");
    }

    @Test
    void storeHasATableWhereAccessToMemoryIsDenied() throws Exception {
        requireDenial();
        List<String> flags = new ArrayList<>(OPEN);
        flags.add(DENY);
        for (List<String> given : List.of(List.of(DENY), flags)) {
            assertThat(run(given, IndexKind.AUTOMATIC)).isEqualTo("well with table");
            assertThat(run(given, IndexKind.TABLE)).isEqualTo("well with table");
            assertThat(run(given, IndexKind.CHRONICLE_MAP))
                    .contains("IllegalStateException")
                    .contains("start java with " + ALLOW);
        }
    }

    @Test
    void whatIsSaidToHelpAgainstDeniedMemoryAccessHelps() throws Exception {
        requireDenial();
        for (List<String> flags : List.of(List.of(DENY, ALLOW), List.of("--illegal-native-access=deny"))) {
            assertThat(run(flags, IndexKind.CHRONICLE_MAP)).isEqualTo("well with chronicle-map");
            assertThat(run(flags, IndexKind.AUTOMATIC)).isEqualTo("well with chronicle-map");
        }
    }

    @Test
    void storeHasATableWhereAModuleIsMissing() throws Exception {
        assertThat(run(List.of(FEW_MODULES), IndexKind.AUTOMATIC)).isEqualTo("well with table");
        assertThat(run(List.of(FEW_MODULES), IndexKind.CHRONICLE_MAP))
                .contains("IllegalStateException")
                .contains("jdk.unsupported");
        store = temporary.resolve("other");
        assertThat(run(List.of(FEW_MODULES + ",jdk.unsupported"), IndexKind.AUTOMATIC))
                .isEqualTo("well with chronicle-map");
    }

    /** The store has a Chronicle Map, gets a table where there are no jars, and keeps it where they are back. */
    @Test
    void storeKeepsTheTableThatItGotForWantOfJars() throws Exception {
        List<Path> withoutChronicle = ChildJvm.classPath().stream()
                .filter(entry -> !entry.toString().contains("openhft"))
                .toList();
        assertThat(run(List.of(), IndexKind.AUTOMATIC)).isEqualTo("well with chronicle-map");
        assertThat(run(withoutChronicle, List.of(), IndexKind.AUTOMATIC)).isEqualTo("well with table");
        assertThat(run(List.of(), IndexKind.AUTOMATIC)).isEqualTo("well with table");
        assertThat(run(List.of(), IndexKind.CHRONICLE_MAP)).isEqualTo("well with chronicle-map");
    }

    @Test
    void storeHasATableWhereTheJarsOfChronicleMapAreMissing() throws Exception {
        List<Path> withoutChronicle = ChildJvm.classPath().stream()
                .filter(entry -> !entry.toString().contains("openhft"))
                .toList();
        assertThat(run(withoutChronicle, List.of(), IndexKind.AUTOMATIC)).isEqualTo("well with table");
        assertThat(run(withoutChronicle, List.of(), IndexKind.CHRONICLE_MAP))
                .contains("IllegalStateException")
                .contains("jars of Chronicle Map");
        List<Path> withoutItsIndex = withoutChronicle.stream()
                .filter(entry -> !entry.toString().contains("index-chronicle"))
                .toList();
        assertThat(run(withoutItsIndex, List.of(), IndexKind.AUTOMATIC)).isEqualTo("well with table");
        assertThat(run(withoutItsIndex, List.of(), IndexKind.CHRONICLE_MAP))
                .contains("IllegalStateException")
                .contains("blobarena-index-chronicle");
    }

    @Test
    void tableInPlaceOfChronicleMapIsSaidOnce() throws Exception {
        try (ChildJvm child = start(ChildJvm.classPath(), List.of(FEW_MODULES), IndexKind.AUTOMATIC)) {
            child.awaitEnd();
            assertThat(child.errors().lines().filter(line -> line.contains("the index of stores in this JVM")))
                    .singleElement()
                    .asString()
                    .contains("'table'")
                    .contains("jdk.unsupported");
        }
        try (ChildJvm child = start(ChildJvm.classPath(), List.of(FEW_MODULES), IndexKind.TABLE)) {
            child.awaitEnd();
            assertThat(child.errors()).isEmpty();
        }
    }

    private static void requireDenial() {
        Assumptions.assumeTrue(Runtime.version().feature() >= 24, "nothing can be denied here");
    }

    private String run(List<String> flags, IndexKind index) throws Exception {
        return run(ChildJvm.classPath(), flags, index);
    }

    private String run(List<Path> classPath, List<String> flags, IndexKind index) throws Exception {
        try (ChildJvm child = start(classPath, flags, index)) {
            List<String> lines = child.awaitEnd();
            return lines.get(lines.size() - 1);
        }
    }

    private ChildJvm start(List<Path> classPath, List<String> flags, IndexKind index) throws Exception {
        return ChildJvm.start(classPath, flags, Program.class, store, index.name());
    }

    /** Opens a store twice and uses it; prints with what, or what is thrown. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) {
            IndexKind index = IndexKind.valueOf(arguments[1]);
            try {
                for (int round = 0; round < 2; round++) {
                    try (BlobStore<String> store =
                            BlobStore.builder(KeyCodec.utf8()).index(index).open(Path.of(arguments[0]))) {
                        store.put("key", new byte[1]);
                        String found = store.get("key") == null ? "lost" : "well";
                        System.out.println(found + " with " + store.stats().indexKind());
                    }
                }
            } catch (Throwable e) {
                System.out.println(e);
            }
        }
    }
}
