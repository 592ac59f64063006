package org.blobarena.store.internal.recovery;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.commons.io.FileUtils;
import org.blobarena.arena.Location;
import org.blobarena.format.CleanMark;
import org.blobarena.index.DamagedIndexException;
import org.blobarena.index.IndexFactories;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a whole store for a repair and changes nothing in it: which files have to be set aside, where the newest record
 * of each key is that can be read, and what is lost.
 *
 * <p>Its indexes stand in the temporary directory: one that is made from the files, and after a clean close a copy of
 * the store's own, since only a mark that is still there can tell a later repair what this one knew.
 */
final class RepairSurvey implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(RepairSurvey.class);

    private final StoreContext store;
    private final LocationIndexFactory indexes;
    private final @Nullable CleanMark mark;
    private final Path scratch;
    private final LocationIndex newest;
    private final LossFinder losses;
    private final Lineages lineages;
    private final TreeMap<Long, SalvageScan> scans = new TreeMap<>();
    private final List<SalvageScan> damaged = new ArrayList<>();

    RepairSurvey(StoreContext store, LocationIndexFactory indexes, @Nullable CleanMark mark) throws IOException {
        this.store = store;
        this.indexes = indexes;
        this.mark = mark;
        this.scratch = Files.createTempDirectory("blobarena-repair-");
        this.newest = indexes.create(Files.createDirectory(scratch.resolve("newest")), 0);
        this.losses = new LossFinder(store, newest, scans);
        this.lineages = new Lineages(store, new DamageLog());
    }

    void run(Map<Long, StoreDirectory.FoundFile> found) throws IOException {
        TreeMap<Long, UnsealedScan.Known> closed = new TreeMap<>();
        if (mark != null) {
            mark.files()
                    .forEach(state ->
                            closed.put(state.fileId(), new UnsealedScan.Known(state.length(), state.forcedBytes())));
        }
        for (Map.Entry<Long, StoreDirectory.FoundFile> entry : found.entrySet()) {
            StoreDirectory.FoundFile file = entry.getValue();
            store.files().add(StoreOpener.unknown(store, new Location(entry.getKey(), 0, file.length()), file));
        }
        lineages.apply();
        for (StoreFile file : store.files().all()) {
            UnsealedScan.Known known = closed.getOrDefault(file.id(), UnsealedScan.Known.NOTHING);
            scans.put(
                    file.id(),
                    new SalvageScan(file, store.hasher(), Objects.requireNonNull(found.get(file.id())), known));
        }
        IndexRebuild rebuild = new IndexRebuild(newest, store.files());
        for (SalvageScan scan : scans.values()) {
            scan.run(rebuild);
            if (scan.isDamaged()) {
                damaged.add(scan);
            }
        }
        if (!damaged.isEmpty() || !scans.keySet().containsAll(closed.keySet())) {
            findLosses(closed);
        }
    }

    private void findLosses(Map<Long, UnsealedScan.Known> known) throws IOException {
        LocationIndex closed = openClosedIndex();
        if (closed == null) {
            losses.findByFiles();
            losses.addCut(known);
        } else {
            try (closed) {
                losses.findByIndex(closed, mark == null ? 0 : mark.nextFileId());
            }
        }
    }

    private @Nullable LocationIndex openClosedIndex() throws IOException {
        if (mark == null) {
            return null;
        }
        Path copy = Files.createDirectory(scratch.resolve("closed"));
        try {
            return openWhole(mark, copy);
        } catch (IOException | DamagedIndexException e) {
            LOG.warn(
                    "{}: the index cannot tell what is lost: {}",
                    store.directory().path(),
                    e.getMessage());
            return null;
        }
    }

    /** Some indexes find out what is damaged when it is needed, which would be too late. */
    private LocationIndex openWhole(CleanMark closed, Path copy) throws IOException {
        LocationIndex index =
                ofMark(closed).openCopy(store.directory().path(), closed.indexName(), closed.indexSize(), copy);
        boolean whole = false;
        try (LocationIndex.Cursor cursor = index.cursor()) {
            while (cursor.next((hash, location) -> {})) {}
            whole = true;
            return index;
        } finally {
            if (!whole) {
                index.close();
            }
        }
    }

    /** Who has made the index, where that is not the kind that is used here. */
    private LocationIndexFactory ofMark(CleanMark closed) {
        return indexes.owns(closed.indexName())
                ? indexes
                : IndexFactories.installed().owning(closed.indexName()).orElse(indexes);
    }

    /** The files that cannot stay. */
    List<SalvageScan> damaged() {
        return damaged;
    }

    LossFinder losses() {
        return losses;
    }

    /** Where the newest record of each key is that is to be kept. */
    LocationIndex newest() {
        return newest;
    }

    /** The greatest id of a file that has records. What else stands under a name of an arena file has used up no id. */
    long fileIdMax() {
        return scans.values().stream()
                .filter(SalvageScan::hasRecords)
                .mapToLong(scan -> scan.file().id())
                .reduce(lineages.idMax(), Math::max);
    }

    /** A number above those of all records. */
    long nextSequence() {
        long next = mark == null ? 1 : mark.nextSequence();
        for (SalvageScan scan : scans.values()) {
            next = Math.max(
                    next,
                    Math.max(
                            scan.file().origin().creationSequence(),
                            scan.file().content().sequenceMax() + 1));
        }
        return next;
    }

    @Override
    public void close() throws IOException {
        newest.close();
        FileUtils.deleteDirectory(scratch.toFile());
    }
}
