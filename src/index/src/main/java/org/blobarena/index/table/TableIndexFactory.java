package org.blobarena.index.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;

/** Makes indexes of this library's own: a table in one mapped file, on the JDK alone. Safe from any thread. */
public final class TableIndexFactory implements LocationIndexFactory {

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Directories directories;
    private final long retryNanos;

    /** Makes a factory; it holds nothing. */
    public TableIndexFactory() {
        this(NioDirectory::new, RETRY_NANOS);
    }

    /** Makes a factory of indexes in such directories, that try to grow again so long after they could not. */
    TableIndexFactory(Directories directories, long retryNanos) {
        this.directories = directories;
        this.retryNanos = retryNanos;
    }

    /** Opens directories. */
    @FunctionalInterface
    interface Directories {
        Directory open(Path path) throws IOException;
    }

    @Override
    public String name() {
        return "table";
    }

    @Override
    public boolean owns(String fileName) {
        return TableFileName.parse(fileName).isPresent();
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if {@code expectedKeys} is negative
     */
    @Override
    public LocationIndex create(Path directory, long expectedKeys) throws IOException {
        if (expectedKeys < 0) {
            throw new IllegalArgumentException("an expected number of " + expectedKeys + " keys is negative");
        }
        Directory opened = directories.open(directory);
        TableGeometry geometry = TableGeometry.forExpectedKeys(expectedKeys);
        TableFile file =
                TableFile.create(opened, TableFileName.random(), geometry.segments() * geometry.blocksPerSegment());
        boolean complete = false;
        try {
            Segment[] segments = new Segment[geometry.segments()];
            for (int prefix = 0; prefix < segments.length; prefix++) {
                Slots slots = new Slots(file.take(geometry.blocksPerSegment()));
                segments[prefix] = Segment.of(file, prefix, geometry.depth(), slots, 0);
            }
            complete = true;
            return indexOf(opened, file, new SegmentDirectory(segments, geometry.depth()));
        } finally {
            if (!complete) {
                file.delete();
            }
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Reads a few bytes for every 5,000 keys. The keys themselves are verified when they are first needed, and whatever
     * needs those that are damaged then throws a {@link org.blobarena.index.DamagedIndexException}.
     */
    @Override
    public LocationIndex open(Path directory, String name, long expectedSize) throws IOException {
        Directory opened = directories.open(directory);
        TableFileName wanted = parse(name);
        TableFile file = TableFile.open(opened, wanted);
        try {
            return adopt(opened, file, expectedSize);
        } catch (OutOfMemoryError e) {
            // A forged file may be of any size.
            throw new IOException("index file " + file + " cannot be opened in the memory that there is", e);
        }
    }

    /** Closes the file if it cannot be used. */
    private LocationIndex adopt(Directory directory, TableFile file, long expectedSize) throws IOException {
        boolean complete = false;
        try {
            TableSeal.Content content = TableSeal.read(file, expectedSize);
            for (TableFileName other : TableFileName.list(directory)) {
                if (other.number() != file.name().number()) {
                    directory.delete(other.text());
                }
            }
            TableSeal.remove(file);
            file.adopt(content.blocks(), content.used());
            List<Segment> segments = new ArrayList<>(content.entries().size());
            for (TableSeal.Entry entry : content.entries()) {
                segments.add(segmentOf(file, entry));
            }
            complete = true;
            return indexOf(directory, file, new SegmentDirectory(segments.toArray(new Segment[0]), content.depth()));
        } finally {
            if (!complete) {
                file.close();
            }
        }
    }

    @Override
    public LocationIndex openCopy(Path directory, String name, long expectedSize, Path scratch) throws IOException {
        TableFileName wanted = parse(name);
        // Opened first, so that nothing is copied that is no file.
        directories.open(directory).openRead(wanted.text()).close();
        Files.copy(directory.resolve(wanted.text()), scratch.resolve(wanted.text()));
        return open(scratch, name, expectedSize);
    }

    private static TableFileName parse(String name) throws IOException {
        return TableFileName.parse(name)
                .orElseThrow(() -> new IOException("'" + name + "' is not the name of a table's file"));
    }

    private static Segment segmentOf(TableFile file, TableSeal.Entry entry) {
        Slots.Block[] blocks = new Slots.Block[entry.blocks().length];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = file.block(entry.blocks()[i]);
        }
        return Segment.unverified(
                file, entry.prefix(), entry.depth(), new Slots(blocks), entry.keys(), entry.checksum());
    }

    private LocationIndex indexOf(Directory directory, TableFile file, SegmentDirectory segments) {
        return new TableLocationIndex(file, segments, new TableGrowth(directory, file, segments, retryNanos));
    }
}
