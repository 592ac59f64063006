package org.blobarena.bench.macro;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Memory that is held between cases and released just before one. A virtual machine may give free memory back to its host,
 * and then the first write to each page waits for the host: what was in use a moment ago is still there. It is a file in
 * {@code /dev/shm}; where there is none, nothing is held.
 */
final class WarmMemory implements AutoCloseable {

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final int PIECE_BYTES = 1 << 20;
    private static final long AVAILABLE_PARTS = 3;

    private final FileChannel file;

    private WarmMemory(FileChannel file) {
        this.file = file;
    }

    /** @return null where there is no such directory */
    static WarmMemory open() throws IOException {
        if (!Files.isWritable(SHARED_MEMORY)) {
            return null;
        }
        Path name = Files.createTempFile(SHARED_MEMORY, "warm-", "");
        return new WarmMemory(FileChannel.open(name, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE));
    }

    /** Holds as much as is asked for, or a third of what is available. */
    void hold(long bytes) throws IOException {
        List<String> memory = Files.readAllLines(Path.of("/proc/meminfo"));
        long held = Math.min(bytes, Memory.bytes(memory, "MemAvailable:") / AVAILABLE_PARTS);
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        for (long offset = 0; offset < held; offset += PIECE_BYTES) {
            file.write(piece.clear(), offset);
        }
    }

    void release() throws IOException {
        file.truncate(0);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
