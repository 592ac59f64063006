package org.blobarena.index;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.blobarena.arena.Location;

/**
 * Makes indexes on the heap. They touch no file, so that a test may put any file system, or none, under the rest of a
 * store. One that forgets cannot reopen an index, as after a crash; one that remembers can, within its own life.
 */
public final class HeapLocationIndexFactory implements LocationIndexFactory {

    private static final String NAME = "heap";

    private final boolean remembers;
    private final Map<Path, ConcurrentHashMap<KeyHash, Location>> contents = new ConcurrentHashMap<>();

    private HeapLocationIndexFactory(boolean remembers) {
        this.remembers = remembers;
    }

    /** A factory whose {@code open} always throws, so that whoever opens has to rebuild. */
    public static HeapLocationIndexFactory forgetting() {
        return new HeapLocationIndexFactory(false);
    }

    /** A factory that reopens what it made before in the same directory. */
    public static HeapLocationIndexFactory remembering() {
        return new HeapLocationIndexFactory(true);
    }

    /** A factory that knows the same, and whose indexes change nothing of what this one knows. */
    public HeapLocationIndexFactory copy() {
        HeapLocationIndexFactory copy = new HeapLocationIndexFactory(remembers);
        contents.forEach((directory, content) -> copy.contents.put(directory, new ConcurrentHashMap<>(content)));
        return copy;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean owns(String fileName) {
        return fileName.equals(NAME);
    }

    @Override
    public LocationIndex create(Path directory, long expectedKeys) {
        ConcurrentHashMap<KeyHash, Location> content = new ConcurrentHashMap<>();
        contents.put(directory, content);
        return new HeapLocationIndex(content, NAME);
    }

    @Override
    public LocationIndex open(Path directory, String name, long expectedSize) throws IOException {
        ConcurrentHashMap<KeyHash, Location> content = contents.get(directory);
        if (!remembers || content == null || !name.equals(NAME)) {
            throw new IOException("the index on the heap is gone: " + directory + " " + name);
        }
        if (content.mappingCount() != expectedSize) {
            throw new IOException("the index holds " + content.mappingCount() + " keys, expected " + expectedSize);
        }
        return new HeapLocationIndex(content, NAME);
    }

    @Override
    public LocationIndex openCopy(Path directory, String name, long expectedSize, Path scratch) throws IOException {
        open(directory, name, expectedSize).close();
        return new HeapLocationIndex(new ConcurrentHashMap<>(contents.get(directory)), NAME);
    }
}
