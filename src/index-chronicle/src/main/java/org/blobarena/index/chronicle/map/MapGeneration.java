package org.blobarena.index.chronicle.map;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import net.openhft.chronicle.core.OS;
import net.openhft.chronicle.hash.impl.VanillaChronicleHash;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import org.blobarena.arena.Location;
import org.blobarena.index.KeyHash;
import org.blobarena.index.chronicle.runtime.ChronicleRuntime;
import org.blobarena.index.chronicle.runtime.ClassNames;
import org.blobarena.index.chronicle.runtime.ModuleAccess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Chronicle Map of fixed capacity and its file.
 *
 * <p>Closing a map that is in use can crash the JVM. So the index closes one only after everybody who may still use it
 * has been seen to leave.
 */
public final class MapGeneration {

    private static final Logger LOG = LoggerFactory.getLogger(MapGeneration.class);

    /** What the header of a map names that is not Chronicle's. */
    private static final List<Class<?>> NAMED =
            List.of(KeyHash.class, Location.class, KeyHashMarshaller.class, LocationMarshaller.class);

    private final IndexFileName name;
    private final Path path;
    private final IndexFile file;
    private final ChronicleMap<KeyHash, Location> map;
    private final MapLayout layout;
    private final long base;
    private final MapTable table;
    private final IndexGeometry geometry;
    private final long fileBytes;
    private volatile boolean closed;

    private MapGeneration(
            IndexFileName name, Path path, IndexFile file, ChronicleMap<KeyHash, Location> map, IndexGeometry geometry)
            throws IOException {
        this.name = name;
        this.path = path;
        this.file = file;
        this.map = map;
        this.geometry = geometry;
        this.fileBytes = Files.size(path);
        VanillaChronicleHash<?, ?, ?, ?> hash = (VanillaChronicleHash<?, ?, ?, ?>) map;
        layout = MapLayout.of(hash);
        base = hash.bsAddress();
        table = new MapTable(layout, base);
    }

    /**
     * Makes an empty map. Its file is allocated in full before it is mapped.
     *
     * @param wanted its name; when something has it already, the next free one is taken
     * @throws IOException if the disk is full or the progress stopped it; no file is left then
     */
    public static MapGeneration create(
            Path directory, IndexFileName wanted, IndexGeometry geometry, IndexFile.Progress progress)
            throws IOException {
        ModuleAccess.ensureOpen();
        ChronicleRuntime.prepare();
        IndexFileName name = wanted;
        while (Files.exists(directory.resolve(name.text()), LinkOption.NOFOLLOW_LINKS)) {
            name = name.next();
        }
        Path path = directory.resolve(name.text());
        IndexFile file = IndexFile.create(path);
        try {
            file.allocate(geometry.fileBytesMax(), progress);
            return make(path, name, file, geometry);
        } catch (IOException | RuntimeException | Error e) {
            file.release();
            try {
                file.deleteName();
            } catch (IOException secondary) {
                e.addSuppressed(secondary);
            }
            throw e;
        }
    }

    /**
     * Opens the map that a clean close left, if it is sound. The geometry of the file counts.
     *
     * @param keys the number of keys that it must have
     */
    public static MapGeneration open(Path directory, IndexFileName name, long keys) throws IOException {
        ModuleAccess.ensureOpen();
        ChronicleRuntime.prepare();
        Path path = directory.resolve(name.text());
        IndexFile file = IndexFile.open(path);
        try {
            IndexGeometry geometry = MapHeader.geometry(file);
            MapHeader.of(builder(geometry)).requireIn(file);
            MapGeneration map = ClassNames.openKnowing(NAMED, () -> make(path, name, file, geometry));
            boolean good = false;
            try {
                long found = new MapCheck(map.layout, map.base).countKeys();
                if (found != keys) {
                    throw new IOException("it holds " + found + " keys, expected " + keys);
                }
                good = true;
                return map;
            } finally {
                if (!good) {
                    map.map.close();
                }
            }
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
            return new MapGeneration(name, path, file, map, geometry);
        } catch (IOException | RuntimeException | Error e) {
            map.close();
            throw e;
        }
    }

    /** Returns what every map of such a shape is made with. */
    static ChronicleMapBuilder<KeyHash, Location> builder(IndexGeometry geometry) {
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

    /** Returns the entries; not to be used when the map may be closed. */
    public MapTable table() {
        return table;
    }

    public IndexFileName name() {
        return name;
    }

    public Path path() {
        return path;
    }

    public IndexGeometry geometry() {
        return geometry;
    }

    public long fileBytes() {
        return fileBytes;
    }

    /** Refuses to go on when its directory was moved. */
    public void requireAtItsPath() throws IOException {
        file.requireAtItsPath();
    }

    /** Closes the map and deletes its file. */
    public void delete() {
        close();
        try {
            file.deleteName();
        } catch (IOException e) {
            // It only takes space until the next index in this directory is made, which deletes it.
            LOG.warn("Cannot delete the outgrown index file {}", path, e);
        }
    }

    /** Closes the map, and keeps the file. */
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            map.close();
        } finally {
            file.release();
        }
    }

    public boolean isClosed() {
        return closed;
    }
}
