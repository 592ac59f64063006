package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.blobarena.arena.internal.io.MemoryFileSystems;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryFileSystemsTest {

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Logger logger = Logger.getLogger(MemoryFileSystems.class.getName());
    private final List<LogRecord> logged = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            logged.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void temporaryDirectoryInMemoryIsLoggedOnce() throws IOException {
        assumeThat(Files.isDirectory(SHARED_MEMORY)).isTrue();
        assumeThat(Files.getFileStore(SHARED_MEMORY).type()).isEqualTo("tmpfs");
        Path directory = Files.createTempDirectory(SHARED_MEMORY, "blobarena");
        try {
            makeTemporaryFile(directory);
            makeTemporaryFile(directory);
        } finally {
            Files.delete(directory);
        }

        assertThat(logged).hasSize(1);
        assertThat(logged.get(0).getLevel()).isEqualTo(Level.WARNING);
        assertThat(new SimpleFormatter().formatMessage(logged.get(0))).contains(directory.toString(), "tmpfs");
    }

    @Test
    void temporaryDirectoryOnADiskIsNotLogged(@TempDir Path directory) throws IOException {
        assumeThat(Files.getFileStore(directory).type()).isNotIn("tmpfs", "ramfs");

        makeTemporaryFile(directory);

        assertThat(logged).isEmpty();
    }

    @Test
    void directoryWhoseFileSystemCannotBeToldIsNotLogged(@TempDir Path directory) {
        MemoryFileSystems.warnOf(directory.resolve("missing"));

        assertThat(logged).isEmpty();
    }

    private static void makeTemporaryFile(Path directory) throws IOException {
        FileArenaWriter.temporary(
                        0, ArenaOptions.builder().temporaryDirectory(directory).build())
                .close();
    }
}
