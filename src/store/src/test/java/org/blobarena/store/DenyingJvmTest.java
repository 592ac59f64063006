package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.blobarena.index.chronicle.runtime.ModuleAccess;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JVMs that deny what the library needs: one exception says what helps, and that is true. */
class DenyingJvmTest {

    private static final String ALLOW = "--sun-misc-unsafe-memory-access=allow";
    private static final String DENY = "--sun-misc-unsafe-memory-access=deny";

    @TempDir
    Path temporary;

    @Test
    void deniedMemoryAccessIsToldWhetherPackagesAreOpenOrNot() throws Exception {
        Assumptions.assumeTrue(Runtime.version().feature() >= 24, "nothing can be denied here");
        assertThat(run(DENY)).contains("IllegalStateException").contains("start java with " + ALLOW);
        String[] open =
                ModuleAccess.flags().replace("--add-opens ", "--add-opens=").split(" ");
        String[] flags = Arrays.copyOf(open, open.length + 1);
        flags[open.length] = DENY;
        assertThat(run(flags)).contains("IllegalStateException").contains("start java with " + ALLOW);
    }

    @Test
    void whatIsSaidToHelpAgainstDeniedMemoryAccessHelps() throws Exception {
        Assumptions.assumeTrue(Runtime.version().feature() >= 24, "nothing can be denied here");
        assertThat(run(DENY, ALLOW)).isEqualTo("well");
        assertThat(run("--illegal-native-access=deny")).isEqualTo("well");
    }

    @Test
    void missingModuleIsTold() throws Exception {
        String few = "--limit-modules=java.base,java.management,java.compiler,java.logging,java.naming";
        assertThat(run(few)).contains("IllegalStateException").contains("jdk.unsupported");
        assertThat(run(few + ",jdk.unsupported")).isEqualTo("well");
    }

    private String run(String... flags) throws Exception {
        List<Path> classPath = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList();
        try (ChildJvm child = ChildJvm.start(classPath, List.of(flags), Program.class, temporary.resolve("store"))) {
            List<String> lines = child.awaitEnd();
            return lines.get(lines.size() - 1);
        }
    }

    /** Opens a store and uses it; prints what is thrown. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) {
            try (BlobStore<String> store = BlobStore.open(Path.of(arguments[0]), KeyCodec.utf8())) {
                store.put("key", new byte[1]);
                System.out.println(store.get("key") == null ? "lost" : "well");
            } catch (Throwable e) {
                System.out.println(e);
            }
        }
    }
}
