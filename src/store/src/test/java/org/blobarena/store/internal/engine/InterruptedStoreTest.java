package org.blobarena.store.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.store.testing.UsualIndex;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Interrupts of everybody who puts, gets, visits, forces, closes and opens, while the index grows and files are rolled
 * and sealed.
 */
class InterruptedStoreTest {

    private static final String QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error";

    @TempDir
    Path directory;

    @Test
    void interruptedUsersOfAStoreFailNobodyAndKeepTheirFlag() throws Exception {
        // Which is opened for Chronicle Map alone.
        boolean access = UsualIndex.factory().name().equals("chronicle-map");
        assertThat(run("real")).containsExactly("passed, access to channels: " + access);
    }

    /** Then every interrupt in the middle of a read or a write closes a channel, which must be opened again. */
    @Test
    void interruptedUsersWithoutAccessToChannelsFailNobodyAndKeepTheirFlag() throws Exception {
        assertThat(run("heap")).containsExactly("passed, access to channels: false");
    }

    private List<String> run(String index) throws Exception {
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        try (ChildJvm child =
                ChildJvm.start(ChildJvm.classPath(), List.of(QUIET), InterruptedStoreProgram.class, scratch, index)) {
            return child.awaitEnd();
        }
    }
}
