package org.blobarena.index.chronicle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.index.chronicle.map.IndexFile;
import org.blobarena.index.chronicle.map.IndexFileName;
import org.blobarena.index.chronicle.map.IndexGeometry;
import org.blobarena.index.chronicle.map.MapGeneration;
import org.blobarena.index.chronicle.runtime.Availability;
import org.blobarena.index.chronicle.runtime.ModuleAccess;
import org.jspecify.annotations.Nullable;

/** Makes indexes on Chronicle Map: off the heap, in one file that grows by itself. Safe from any thread. */
public final class ChronicleLocationIndexFactory implements LocationIndexFactory {

    /** What a program asks for, and the index that is used where it runs. */
    private static final String NAME = "chronicle-map";

    private static final int PREFERENCE = 100;
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final MapMaker maps;
    private final long retryNanos;

    /** Makes a factory; it holds nothing. */
    public ChronicleLocationIndexFactory() {
        // Not by a reference to the method, which would load what may not be there.
        this(
                (directory, name, geometry, progress) -> MapGeneration.create(directory, name, geometry, progress),
                RETRY_NANOS);
    }

    /** Makes a factory of indexes that have their maps made so, and try to grow again so long after they could not. */
    ChronicleLocationIndexFactory(MapMaker maps, long retryNanos) {
        this.maps = maps;
        this.retryNanos = retryNanos;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int preference() {
        return PREFERENCE;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Opens the packages of java.base that Chronicle Map needs. To be called before the first file channel is opened, so
     * that interrupts can be kept from all of them.
     */
    @Override
    public @Nullable String unavailable() {
        return Availability.problem();
    }

    @Override
    public boolean owns(String fileName) {
        return IndexFileName.parse(fileName).isPresent();
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if {@code expectedKeys} is negative
     * @throws IllegalStateException if the JVM refuses what Chronicle Map needs; see {@link ModuleAccess}
     */
    @Override
    public LocationIndex create(Path directory, long expectedKeys) throws IOException {
        if (expectedKeys < 0) {
            throw new IllegalArgumentException("an expected number of " + expectedKeys + " keys is negative");
        }
        List<IndexFileName> former = IndexFileName.list(directory);
        for (IndexFileName name : former) {
            Files.deleteIfExists(directory.resolve(name.text()));
        }
        IndexFileName name = former.stream()
                .max(Comparator.comparingLong(IndexFileName::generation))
                .map(IndexFileName::next)
                .orElse(new IndexFileName(1));
        MapGeneration map = IndexThread.call(() ->
                maps.create(directory, name, IndexGeometry.forExpectedKeys(expectedKeys), IndexFile.Progress.NONE));
        return indexOf(directory, map, 0);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Only after a clean close: a map whose process died with it open may make this call hang.
     *
     * @throws IllegalStateException if the JVM refuses what Chronicle Map needs; see {@link ModuleAccess}
     */
    @Override
    public LocationIndex open(Path directory, String name, long expectedSize) throws IOException {
        IndexFileName wanted = IndexFileName.parse(name)
                .orElseThrow(() -> new IOException("'" + name + "' is not the name of an index file"));
        IndexFile.requireRegular(directory.resolve(name));
        for (IndexFileName other : IndexFileName.list(directory)) {
            if (other.generation() != wanted.generation()) {
                Files.deleteIfExists(directory.resolve(other.text()));
            }
        }
        // Its refusal is not the file's fault and would meet a new index as well.
        ModuleAccess.ensureOpen();
        IndexSeal.remove(directory.resolve(name));
        try {
            MapGeneration map = IndexThread.call(() -> MapGeneration.open(directory, wanted, expectedSize));
            return indexOf(directory, map, expectedSize);
        } catch (IOException | RuntimeException | AssertionError e) {
            // Chronicle Map reports what it cannot read in many ways.
            throw new IOException("index file " + directory.resolve(name) + " cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public LocationIndex openCopy(Path directory, String name, long expectedSize, Path scratch) throws IOException {
        IndexFileName wanted = IndexFileName.parse(name)
                .orElseThrow(() -> new IOException("'" + name + "' is not the name of an index file"));
        IndexFile.requireRegular(directory.resolve(wanted.text()));
        Files.copy(directory.resolve(wanted.text()), scratch.resolve(wanted.text()));
        return open(scratch, name, expectedSize);
    }

    private LocationIndex indexOf(Path directory, MapGeneration map, long keys) {
        IndexState state = new IndexState(directory, map, keys);
        return new ChronicleLocationIndex(state, new IndexGrowth(state, maps, retryNanos));
    }
}
