package org.blobarena.store.internal.recovery;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.blobarena.format.CleanMark;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.internal.core.RecoveredFiles;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.SealedFileReader;
import org.blobarena.store.internal.write.ActiveFile;
import org.blobarena.store.internal.write.ActiveFileOpener;
import org.blobarena.store.internal.write.UnsealedFiles;
import org.jspecify.annotations.Nullable;

/**
 * Opens a store that was not closed cleanly: rebuilds the index from the arena files.
 *
 * <p>Sealed files give their entries from their index blocks; the others, usually one, are read record by record
 * (see {@link UnsealedScan}), several files at once. Then the last file goes on taking records and other whole ones wait to be sealed.
 * Nothing is changed before every file has been read, and nothing then but that torn tails are cut, so a crash in
 * the middle leaves a store that recovers to the same. What was found is put on the device, as {@link RecoveredFiles}
 * says, once the store serves: see {@link org.blobarena.store.internal.core.RecoveredFiles}.
 */
public final class Recovery {

    /** Where there is less to read, one thread does it. */
    public static final long PARALLEL_FROM_BYTES = 4 << 20;

    private final StoreContext store;
    private final DamageLog damage;
    private final Map<Long, CleanMark.FileState> closed = new HashMap<>();
    private final List<UnsealedScan> scans = new ArrayList<>();
    private final List<StoreFile> scannedFiles = new ArrayList<>();
    private final List<StoreFile> listedFiles = new ArrayList<>();
    private long tornBytes;

    /** @param mark of the last close, if it was clean */
    Recovery(StoreContext store, DamageLog damage, @Nullable CleanMark mark) {
        this.store = store;
        this.damage = damage;
        if (mark != null) {
            mark.files().forEach(state -> closed.put(state.fileId(), state));
        }
    }

    /** Makes an empty index. */
    @FunctionalInterface
    interface IndexMaker {

        LocationIndex make(long expectedKeys) throws IOException;
    }

    /** Rebuilds an index from the files of the store's table, and changes nothing else. */
    LocationIndex rebuild(IndexMaker maker) throws IOException {
        LocationIndex index = maker.make(Math.max(store.settings().expectedKeys(), listedRecords()));
        try {
            IndexRebuild rebuild = new IndexRebuild(index, store.files());
            List<StoreFile> files = inOrderOfSequence();
            Reading[] readings = new Reading[files.size()];
            FilesInParallel.forEach(files.size(), threads(files), i -> readings[i] = read(files.get(i), rebuild));
            for (int i = 0; i < readings.length; i++) {
                take(files.get(i), readings[i], rebuild);
            }
            for (int i = 0; i < scans.size(); i++) {
                scans.get(i).dropTombstones(rebuild);
            }
            for (StoreFile file : listedFiles) {
                dropListedTombstones(file, rebuild);
            }
            rebuild.countLiveBytes();
            return index;
        } catch (IOException | RuntimeException | Error e) {
            index.close();
            throw e;
        }
    }

    /**
     * Makes the files ready for writing, after {@link #rebuild}.
     *
     * @param headerProblems what is wrong with the header of a file, by its id
     */
    UnsealedFiles.Resumed resume(Map<Long, String> headerProblems) throws IOException {
        addSealedToUnproven();
        List<ActiveFile> unsealed = new ArrayList<>();
        try {
            ActiveFile active = null;
            for (int i = 0; i < scans.size(); i++) {
                StoreFile file = scannedFiles.get(i);
                UnsealedScan scan = scans.get(i);
                String headerProblem = headerProblems.get(file.id());
                boolean begun = headerProblem == null;
                if (headerProblem != null && !scan.isHeaderTorn()) {
                    damage.add(file, 0, headerProblem);
                    file.markDamaged();
                }
                if (!file.isSealed() && (begun ? scan.isWhole() : scan.isVoid())) {
                    ActiveFile reopened = ActiveFileOpener.goOn(store, file, scan.found(begun));
                    unsealed.add(reopened);
                    store.files().replace(reopened.file());
                    boolean goesOn = file.id() == lastId()
                            && reopened.file().mayGoOn()
                            && !file.origin().kept();
                    active = goesOn ? reopened : active;
                } else {
                    addToUnproven(file, scan.forcedBytes());
                    if (begun || file.content().recordBytes() > 0) {
                        file.markLeft();
                    }
                }
            }
            addHeaderDamage(headerProblems);
            return new UnsealedFiles.Resumed(unsealed, active);
        } catch (IOException | RuntimeException | Error e) {
            for (ActiveFile file : unsealed) {
                closeAfter(e, file.writer());
            }
            throw e;
        }
    }

    long nextSequence() {
        long next = 1;
        for (StoreFile file : store.files().all()) {
            // Compaction may have dropped the last records that were written before the file was begun.
            next = Math.max(next, file.origin().creationSequence());
            next = Math.max(next, file.content().sequenceMax() + 1);
        }
        return next;
    }

    long tornBytes() {
        return tornBytes;
    }

    /**
     * What was found in a file.
     *
     * @param scan of its records; null if its index blocks were read
     * @param damage of its records
     * @param problem what is wrong with its index blocks
     */
    private record Reading(
            @Nullable UnsealedScan scan,
            DamageLog damage,
            @Nullable FormatException problem) {}

    /** Threads pay where there is something to read. */
    private static int threads(List<StoreFile> files) {
        long bytes = 0;
        for (StoreFile file : files) {
            bytes += file.isSealed()
                    ? file.content().toFooter().records() * IndexBlock.ENTRY_BYTES
                    : file.arena().length();
        }
        return bytes < PARALLEL_FROM_BYTES ? 1 : Runtime.getRuntime().availableProcessors();
    }

    /** Applies what a file has; for several files at once. */
    private Reading read(StoreFile file, IndexRebuild rebuild) throws IOException {
        DamageLog found = new DamageLog();
        if (!file.isSealed()) {
            return new Reading(scan(file, found, rebuild), found, null);
        }
        try {
            SealedFileReader.forEachEntry(file, file.content().lastIndexBlock(), entry -> rebuild.apply(file, entry));
            return new Reading(null, found, null);
        } catch (FormatException e) {
            return new Reading(null, found, e);
        }
    }

    private UnsealedScan scan(StoreFile file, DamageLog found, IndexRebuild rebuild) throws IOException {
        UnsealedScan scan = new UnsealedScan(file, store.hasher(), found, known(file));
        scan.run(rebuild);
        return scan;
    }

    /** Takes over what was found in a file. Damaged index blocks have told a part of it, and its records tell all. */
    private void take(StoreFile file, Reading reading, IndexRebuild rebuild) throws IOException {
        UnsealedScan scan = reading.scan;
        DamageLog found = reading.damage;
        if (reading.problem != null) {
            long offset = file.content().lastIndexBlock().offset();
            damage.add(file, offset, "index blocks: " + reading.problem.getMessage());
            file.content().reset();
            file.markDamaged();
            scan = scan(file, found, rebuild);
        }
        if (scan == null) {
            listedFiles.add(file);
            return;
        }
        if (found.count() > 0) {
            damage.addAll(found);
            file.markDamaged();
        }
        tornBytes += scan.tornBytes();
        scans.add(scan);
        scannedFiles.add(file);
    }

    private UnsealedScan.Known known(StoreFile file) {
        CleanMark.FileState state = closed.get(file.id());
        long closedBytes = state == null ? 0 : state.length();
        long forcedBytes = state == null ? 0 : state.forcedBytes();
        return new UnsealedScan.Known(
                closedBytes, file.isSealed() ? file.arena().length() : forcedBytes);
    }

    private static void dropListedTombstones(StoreFile file, IndexRebuild rebuild) throws IOException {
        if (file.content().tombstones() > 0) {
            try {
                SealedFileReader.forEachEntry(
                        file, file.content().lastIndexBlock(), entry -> rebuild.dropTombstone(file, entry));
            } catch (FormatException e) {
                throw file.corrupt(file.content().lastIndexBlock().offset(), e.getMessage());
            }
        }
    }

    private long listedRecords() {
        long records = 0;
        for (StoreFile file : store.files().all()) {
            records += file.content().toFooter().records();
        }
        return records;
    }

    /** Sealed files by their first sequence number, then the others by id: then almost nothing is looked up. */
    private List<StoreFile> inOrderOfSequence() {
        List<StoreFile> ordered = new ArrayList<>(store.files().all());
        ordered.sort(Comparator.comparing((StoreFile file) -> !file.isSealed())
                .thenComparingLong(file -> file.content().toFooter().sequenceMin())
                .thenComparingLong(StoreFile::id));
        return ordered;
    }

    private long lastId() {
        return Objects.requireNonNull(store.files().last()).id();
    }

    private void addHeaderDamage(Map<Long, String> headerProblems) {
        for (StoreFile file : listedFiles) {
            String problem = headerProblems.get(file.id());
            if (problem != null) {
                damage.add(file, 0, problem);
            }
        }
    }

    private void addSealedToUnproven() {
        for (StoreFile file : listedFiles) {
            addToUnproven(file, file.arena().length());
        }
    }

    /** What was recovered may be the work of a process that died before it could force it, or could not. */
    private void addToUnproven(StoreFile file, long forcedBytes) {
        RecoveredFiles.Range unproven = file.isSealed()
                ? footer(file)
                : new RecoveredFiles.Range(forcedBytes, file.arena().length());
        store.recovered()
                .add(() -> RecoveredFiles.writeAgainIfRoom(store.directory(), file.name(), unproven, store.refusal()));
    }

    /** The bytes of a sealed file that may not be on the device: all before was forced before its footer was written. */
    static RecoveredFiles.Range footer(StoreFile file) {
        long end = file.arena().length();
        return new RecoveredFiles.Range(end - file.layout().footerRecordBytes(), end);
    }

    private static void closeAfter(Throwable cause, Closeable resource) {
        try {
            resource.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
