package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.FileNames;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.IndexedKey;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.OpenRecord;
import org.jspecify.annotations.Nullable;

/**
 * Decides in a repair what is lost, and which older values would come back if nothing hid them.
 *
 * <p>After a clean close the index says which record each key had: what it points at and cannot be read is lost, and
 * nothing else is. Otherwise a damaged record is lost if of its key no newer one is left.
 *
 * <p>Memory is needed for what is lost alone.
 */
final class LossFinder {

    private final StoreContext store;
    private final LocationIndex newest;
    private final Map<Long, SalvageScan> scans;
    private final OpenRecord record = new OpenRecord();
    private final List<RepairReport.Loss> losses = new ArrayList<>();
    private final Map<Long, List<SalvageWriter.Hiding>> hidings = new HashMap<>();
    private final List<EncodedKey> hiddenWithoutFile = new ArrayList<>();

    /** What a record says that can be read. */
    private record Description(int type, long sequence, EncodedKey key) {}

    /** A record that cannot be read, and its file. */
    private record Candidate(SalvageScan scan, SalvageScan.LostRecord record) {

        long sequence() {
            return record.entry().sequence();
        }

        boolean isValue() {
            return record.entry().type() == RecordType.VALUE;
        }

        Location location() {
            return new Location(
                    scan.file().id(), record.entry().offset(), record.entry().length());
        }
    }

    /**
     * @param newest where the newest record of each key is that can be read; what has to be hidden is taken out
     * @param scans of all files by id, to be run before anything is asked
     */
    LossFinder(StoreContext store, LocationIndex newest, Map<Long, SalvageScan> scans) {
        this.store = store;
        this.newest = newest;
        this.scans = scans;
    }

    /** Returns what was lost, in the order of files and offsets. */
    List<RepairReport.Loss> losses() {
        losses.sort(Comparator.comparing(RepairReport.Loss::file).thenComparingLong(RepairReport.Loss::offset));
        return List.copyOf(losses);
    }

    /**
     * Returns what is to be hidden from now on by the file that replaces a damaged one, in the order of the offsets.
     */
    List<SalvageWriter.Hiding> hidings(StoreFile file) {
        return hidings.getOrDefault(file.id(), List.of()).stream()
                .sorted(Comparator.comparingLong(SalvageWriter.Hiding::offset))
                .toList();
    }

    /** Returns what is to be hidden where nothing is known of the record that did so. */
    List<EncodedKey> hiddenWithoutFile() {
        return hiddenWithoutFile;
    }

    // ---- after a clean close

    /** @param nextFileId above the ids of all files of that time: what is in others was copied by a repair */
    void findByIndex(LocationIndex closed, long nextFileId) throws IOException {
        DamagedRanges ranges = new DamagedRanges();
        scans.values().forEach(scan -> scan.holes().forEach(hole -> ranges.add(scan.file(), hole.start(), hole.end())));
        List<IndexedKey> lost = new ArrayList<>();
        forEach(closed, found -> {
            if (!isReadable(found.location(), ranges)) {
                lost.add(found);
            }
        });
        for (IndexedKey found : lost) {
            if (isCopied(found.hash(), nextFileId)) {
                continue;
            }
            Location location = found.location();
            SalvageScan scan = scans.get(location.fileIndex());
            SalvageScan.LostRecord record = scan == null ? null : scan.lostAt(location.offset());
            Candidate candidate = scan == null || record == null ? null : new Candidate(scan, record);
            lose(location, hide(found.hash(), candidate));
        }
        for (IndexedKey found : valuesThatWereAbsent(closed)) {
            hide(found.hash(), null);
        }
    }

    /** Whose tombstones are lost. Most keys that had no blob have one that can be read, and there may be any number. */
    private List<IndexedKey> valuesThatWereAbsent(LocationIndex closed) throws IOException {
        List<IndexedKey> absent = new ArrayList<>();
        List<IndexedKey> chunk = new ArrayList<>();
        try (LocationIndex.Cursor cursor = newest.cursor()) {
            while (cursor.next((hash, location) -> chunk.add(new IndexedKey(hash, location)))) {
                for (IndexedKey found : chunk) {
                    if (closed.get(found.hash()) == null
                            && describe(found.location()).type() == RecordType.VALUE) {
                        absent.add(found);
                    }
                }
                chunk.clear();
            }
        }
        return absent;
    }

    private boolean isCopied(KeyHash hash, long nextFileId) throws IOException {
        Location place = newest.get(hash);
        return place != null
                && place.fileIndex() >= nextFileId
                && describe(place).type() == RecordType.VALUE;
    }

    private static void forEach(LocationIndex index, Consumer<IndexedKey> action) {
        try (LocationIndex.Cursor cursor = index.cursor()) {
            while (cursor.next((hash, location) -> action.accept(new IndexedKey(hash, location)))) {}
        }
    }

    private boolean isReadable(Location location, DamagedRanges ranges) {
        StoreFile file = store.files().get(location.fileIndex());
        return file != null && location.end() <= file.arena().length() && !ranges.contains(location);
    }

    // ---- after any other end

    void findByFiles() throws IOException {
        Map<KeyHash, Candidate> candidates = new LinkedHashMap<>();
        for (SalvageScan scan : scans.values()) {
            for (SalvageScan.LostRecord record : scan.lostRecords()) {
                Candidate candidate = new Candidate(scan, record);
                if (scan.counts(record) || wasLostBefore(candidate)) {
                    candidates.merge(record.hash(), candidate, (a, b) -> a.sequence() < b.sequence() ? b : a);
                }
            }
            for (SalvageScan.Hole hole : scan.unknown()) {
                addPlace(scan.file().path(), hole.start(), hole.end());
            }
        }
        for (Map.Entry<KeyHash, Candidate> entry : candidates.entrySet()) {
            decide(entry.getKey(), entry.getValue());
        }
    }

    /** What a clean close knew to be there and is not, where no index tells which keys that concerns. */
    void addCut(Map<Long, UnsealedScan.Known> closed) {
        closed.forEach((id, known) -> {
            StoreFile file = store.files().get(id);
            long present = file == null ? 0 : file.arena().length();
            if (present < known.length()) {
                addPlace(path(id), present, known.length());
            }
        });
    }

    private void decide(KeyHash hash, Candidate candidate) throws IOException {
        Location place = newest.get(hash);
        if (place != null && !wasLostBefore(candidate) && describe(place).sequence() >= candidate.sequence()) {
            return;
        }
        EncodedKey key = hide(hash, candidate);
        if (candidate.isValue()) {
            lose(candidate.location(), key);
        }
    }

    /**
     * Returns whether a repair that was cut short has hidden what was lost already: nobody else gives a number twice.
     */
    private boolean wasLostBefore(Candidate candidate) throws IOException {
        Location place = newest.get(candidate.record.hash());
        if (place == null || !candidate.isValue()) {
            return false;
        }
        Description present = describe(place);
        return present.type() == RecordType.TOMBSTONE && present.sequence() == candidate.sequence();
    }

    // ---- both

    /**
     * Sees to it that no older value of a lost or removed key comes back.
     *
     * @return the key, if anything tells it
     */
    private @Nullable EncodedKey hide(KeyHash hash, @Nullable Candidate candidate) throws IOException {
        Location place = newest.get(hash);
        if (place == null) {
            return candidate == null ? null : candidate.record.key();
        }
        Description older = describe(place);
        if (older.type() == RecordType.VALUE) {
            if (candidate == null) {
                hiddenWithoutFile.add(older.key());
            } else {
                hidings.computeIfAbsent(candidate.scan.file().id(), id -> new ArrayList<>())
                        .add(new SalvageWriter.Hiding(
                                older.key(),
                                candidate.sequence(),
                                candidate.location().offset()));
            }
            newest.removeIfEqual(hash, place);
        }
        return older.key();
    }

    private void lose(Location location, @Nullable EncodedKey key) {
        losses.add(new RepairReport.Loss(
                key == null ? null : ByteBuffer.wrap(key.bytes()),
                true,
                path(location.fileIndex()),
                location.offset(),
                location.length()));
    }

    private void addPlace(String path, long start, long end) {
        losses.add(new RepairReport.Loss(null, false, path, start, end - start));
    }

    private String path(long fileId) {
        return store.directory().path().resolve(FileNames.arena(fileId)).toString();
    }

    private Description describe(Location location) throws IOException {
        StoreFile file = Objects.requireNonNull(store.files().get(location.fileIndex()));
        try (Scratch scratch = Scratch.take()) {
            record.open(file, location, scratch);
            return new Description(
                    record.type(), record.sequence(), store.hasher().encoded(record.key()));
        }
    }
}
