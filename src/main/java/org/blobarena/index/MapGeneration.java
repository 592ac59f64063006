package org.blobarena.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import net.openhft.chronicle.core.OS;
import net.openhft.chronicle.hash.Data;
import net.openhft.chronicle.hash.impl.VanillaChronicleHash;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import net.openhft.chronicle.map.ExternalMapQueryContext;
import net.openhft.chronicle.map.MapEntry;
import net.openhft.chronicle.map.MapSegmentContext;
import org.blobarena.arena.Location;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Chronicle Map of fixed capacity and its file.
 *
 * <p>Closing a map that is in use can crash the JVM. So a generation is counted: the index holds it once, and each
 * cursor once; it is closed and its file deleted when the last of them lets go. Operations do not count themselves
 * here: the index lets go of a generation only after everybody who may still use it has been seen to leave.
 */
final class MapGeneration {

    private static final Logger LOG = LoggerFactory.getLogger(MapGeneration.class);

    // Held, because the logging framework would forget a logger, and its level, that nobody holds. It warns of a flag
    // that only a fallback would need which is never chosen.
    private static final java.util.logging.Logger FALLBACK_CLEANER = java.util.logging.Logger.getLogger(
            "net.openhft.chronicle.core.internal.cleaner.ReflectionBasedByteBufferCleanerService");

    static {
        FALLBACK_CLEANER.setLevel(Level.OFF);
        // Read once, when Chronicle's classes are first touched: no banner, no network, no thread that frees resources
        // of which a map has none.
        setDefault("chronicle.announcer.disable", "true");
        setDefault("chronicle.analytics.disable", "true");
        setDefault("background.releaser", "false");
    }

    private final IndexFileName name;
    private final Path path;
    private final IndexFile file;
    private final ChronicleMap<KeyHash, Location> map;
    private final IndexGeometry geometry;
    private final long fileBytes;
    private final AtomicInteger holders = new AtomicInteger(1);
    private volatile boolean closed;

    private MapGeneration(IndexFileName name, Path path, IndexFile file, ChronicleMap<KeyHash, Location> map)
            throws IOException {
        this.name = name;
        this.path = path;
        this.file = file;
        this.map = map;
        this.geometry = IndexGeometry.of(map);
        this.fileBytes = Files.size(path);
    }

    /**
     * Makes an empty map. Its file is allocated in full before it is mapped.
     *
     * @throws IOException if the disk is full or the progress stopped it; no file is left then
     */
    static MapGeneration create(Path directory, IndexFileName name, IndexGeometry geometry, IndexFile.Progress progress)
            throws IOException {
        Path path = directory.resolve(name.text());
        ModuleAccess.ensureOpen();
        IndexFile file = IndexFile.acquire(path);
        try {
            file.allocate(geometry.fileBytesMax(), progress);
            return make(path, name, file, geometry);
        } catch (IOException | RuntimeException | Error e) {
            file.release();
            try {
                Files.deleteIfExists(path);
            } catch (IOException secondary) {
                e.addSuppressed(secondary);
            }
            throw e;
        }
    }

    /** Opens the map that a clean close left. The geometry of the file counts. */
    static MapGeneration open(Path directory, IndexFileName name) throws IOException {
        ModuleAccess.ensureOpen();
        Path path = directory.resolve(name.text());
        IndexFile file = IndexFile.acquire(path);
        try {
            return make(path, name, file, IndexGeometry.forExpectedKeys(0));
        } catch (IOException | RuntimeException | Error e) {
            file.release();
            throw e;
        }
    }

    private static MapGeneration make(Path path, IndexFileName name, IndexFile file, IndexGeometry geometry)
            throws IOException {
        ChronicleMap<KeyHash, Location> map = builder(geometry).createPersistedTo(path.toFile());
        try {
            file.trim(OS.pageAlign(((VanillaChronicleHash<?, ?, ?, ?>) map).dataStoreSize()));
            return new MapGeneration(name, path, file, map);
        } catch (IOException | RuntimeException | Error e) {
            map.close();
            throw e;
        }
    }

    private static ChronicleMapBuilder<KeyHash, Location> builder(IndexGeometry geometry) {
        KeyHashMarshaller keys = new KeyHashMarshaller();
        LocationMarshaller locations = new LocationMarshaller();
        return ChronicleMapBuilder.of(KeyHash.class, Location.class)
                .name("blobarena")
                .keyReaderAndDataAccess(keys, keys)
                .valueReaderAndDataAccess(locations, locations)
                .constantKeySizeBySample(new KeyHash(0, 0))
                .constantValueSizeBySample(new Location(0, 0, 0))
                .entries(geometry.capacity())
                .actualSegments(geometry.segments())
                .entriesPerSegment(geometry.slots() * 65L / 100)
                .actualChunksPerSegmentTier(geometry.entriesPerSegment())
                .allowSegmentTiering(false)
                .checksumEntries(false)
                .skipCloseOnExitHook(true);
    }

    @Nullable Location get(KeyHash key) {
        return map.get(key);
    }

    /** As {@link #get}, but slower by the price of two objects less. */
    boolean find(IndexProbe probe) {
        Data<KeyHash> key = probe.key();
        try (ExternalMapQueryContext<KeyHash, Location, ?> context = map.queryContext(key)) {
            MapEntry<KeyHash, Location> entry = context.entry();
            if (entry == null) {
                return false;
            }
            Data<Location> value = entry.value();
            LocationMarshaller.read(value.bytes(), value.offset(), probe);
            return true;
        }
    }

    /** Stores a location; null when the key was absent. */
    @Nullable Location put(KeyHash key, Location location) throws SegmentFullException {
        try {
            return map.put(key, location);
        } catch (IllegalStateException e) {
            throw fullOr(e);
        }
    }

    /** Stores a location when the key is absent; null when it was. */
    @Nullable Location putIfAbsent(KeyHash key, Location location) throws SegmentFullException {
        try {
            return map.putIfAbsent(key, location);
        } catch (IllegalStateException e) {
            throw fullOr(e);
        }
    }

    boolean replace(KeyHash key, Location expected, Location replacement) {
        return map.replace(key, expected, replacement);
    }

    boolean remove(KeyHash key, Location expected) {
        return map.remove(key, expected);
    }

    void remove(KeyHash key) {
        map.remove(key);
    }

    /** Copies all entries of one segment; other threads cannot write to it meanwhile. */
    EntryGroup collect(int segment) {
        EntryGroup group = new EntryGroup();
        try (MapSegmentContext<KeyHash, Location, ?> context = map.segmentContext(segment)) {
            context.forEachSegmentEntry(
                    entry -> group.add(entry.key().get(), entry.value().get()));
        }
        return group;
    }

    /** Counts all keys, segment by segment. */
    long countKeys() {
        return map.longSize();
    }

    IndexFileName name() {
        return name;
    }

    Path path() {
        return path;
    }

    IndexGeometry geometry() {
        return geometry;
    }

    long fileBytes() {
        return fileBytes;
    }

    /** Keeps this generation open; only by somebody who is sure that it still is. */
    void hold() {
        holders.incrementAndGet();
    }

    /** Lets go; the last one out closes the map and deletes its file. */
    void letGo() {
        if (holders.decrementAndGet() == 0) {
            close();
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                // It only takes space until the next index in this directory is made, which deletes it.
                LOG.warn("Cannot delete the outgrown index file {}", path, e);
            }
        }
    }

    /** Closes the map whoever holds it, and keeps the file. */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        map.close();
        file.release();
    }

    boolean isClosed() {
        return closed;
    }

    private static SegmentFullException fullOr(IllegalStateException e) {
        String message = e.getMessage();
        // Thrown before anything was changed, and the only sign that Chronicle Map gives.
        if (message != null && message.contains("extra segment tier")) {
            return new SegmentFullException();
        }
        throw e;
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** A segment has no room for one more key. */
    static final class SegmentFullException extends Exception {

        private static final long serialVersionUID = 1L;

        private SegmentFullException() {
            super("a segment of the index is full", null, false, false);
        }
    }
}
