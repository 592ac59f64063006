package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What a device holds after a crash: names and bytes, all of them durable. */
public record DiskImage(Map<String, byte[]> files) {

    /** A directory that is empty. */
    public static DiskImage empty() {
        return new DiskImage(new TreeMap<>());
    }

    /** Writes the files into a real directory. */
    public void writeTo(Path directory) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
    }
}
