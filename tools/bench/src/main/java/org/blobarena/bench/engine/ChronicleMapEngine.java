package org.blobarena.bench.engine;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;

/**
 * A Chronicle Map that holds the blobs themselves, and is told their number and size. After a kill it is opened with its
 * recovery, which alone can release the locks that stand in its file; a file of its own says that it was closed.
 */
final class ChronicleMapEngine {

    private ChronicleMapEngine() {}

    static Engine open(Path directory, Scale scale) throws IOException {
        File file = directory.resolve("blobs.map").toFile();
        Path closed = directory.resolve("closed");
        ChronicleMapBuilder<byte[], byte[]> builder = ChronicleMap.of(byte[].class, byte[].class)
                .name("blobs")
                .entries(scale.keys())
                .averageKeySize(Scale.KEY_BYTES)
                .averageValueSize(scale.blobBytes())
                .putReturnsNull(true)
                .removeReturnsNull(true);
        boolean recover = file.exists() && !Files.deleteIfExists(closed);
        ChronicleMap<byte[], byte[]> map =
                recover ? builder.recoverPersistedTo(file, true) : builder.createPersistedTo(file);
        return new MapEngine(map, () -> {
            map.close();
            Files.createFile(closed);
        });
    }
}
