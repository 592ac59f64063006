package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.blobarena.arena.DescriptorBudget;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.budget.BudgetChannels;
import org.blobarena.arena.internal.file.FileOptions;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.CleanMark;
import org.blobarena.format.FileNames;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.crypt.KeySource;
import org.blobarena.store.internal.core.CompactionSettings;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.StoreSettings;
import org.blobarena.store.internal.core.crypt.StoreKeys;
import org.blobarena.store.internal.record.OpenRecord;
import org.jspecify.annotations.Nullable;

/**
 * Takes damaged files out of a store that nobody has open, keeping all of them that can be read.
 *
 * <p>For each, what is still needed goes to a new file with a new id, sequence numbers as they were. A lost record of
 * which an older value is left gets a tombstone there with its own number, which hides that value as the record did.
 * Then the damaged files get names that are not of arena files.
 *
 * <p><b>Crashes.</b> The new files are complete and forced before the first of them gets its name, all of them have
 * their names, forced, before the first damaged file loses its own. So at every moment each record that can be read
 * stands in one of the store's files, or in two that are the same, of which the one with the greater id counts; and
 * what hides an old value is there before what had hidden it goes. A repair that was cut short is simply repeated. To an
 * opening the mark of a clean close is void beside a file that it does not know; it is removed at last, so that until
 * then a repeated repair can ask the index of that close what is lost.
 */
public final class StoreRepair {

    private final StoreEnvironment environment;
    private final @Nullable KeySource keySource;

    /** Repairs a store that is not encrypted. */
    public StoreRepair(StoreEnvironment environment) {
        this(environment, null);
    }

    /** @param keySource null if the store is not encrypted */
    public StoreRepair(StoreEnvironment environment, @Nullable KeySource keySource) {
        this.environment = environment;
        this.keySource = keySource;
    }

    public RepairReport repair(Path path) throws IOException {
        try {
            Directory directory = environment.directories().open(path, false);
            LocationIndexFactory indexes = environment.index().forStore(StoreOpener.indexFiles(directory));
            boolean unused = StoreDirectory.holdsStore(directory, false);
            try (DirectoryLock lock = directory.lock(FileNames.LOCK)) {
                DamageLog identityDamage = new DamageLog();
                StoreIdentity identity = StoreDirectory.take(directory, lock, identityDamage);
                StoreKeys keys = StoreDirectory.keys(directory, identity, keySource, true, identityDamage);
                return repair(context(directory, identity, keys), indexes, identityDamage);
            }
        } catch (IOException e) {
            throw Failures.translate(e);
        }
    }

    private RepairReport repair(StoreContext store, LocationIndexFactory indexes, DamageLog identityDamage)
            throws IOException {
        Directory directory = store.directory();
        Map<Long, StoreDirectory.FoundFile> found = StoreDirectory.arenaFiles(store);
        CleanMark mark = readMark(store, found);
        StoreDirectory.deleteUnfinished(directory);
        List<SalvageWriter> written = new ArrayList<>();
        try (RepairSurvey survey = new RepairSurvey(store, indexes, mark)) {
            survey.run(found);
            List<Replaced> replaced = write(store, survey, new Ids(survey, found.keySet(), mark), written);
            store.files().close();
            commit(directory, written, replaced);
            if (identityDamage.count() > 0) {
                StoreKeys keys = store.keys();
                if (keys != null) {
                    keys.rewrite();
                }
                StoreDirectory.writeIdentity(directory, store.identity());
            }
            return new RepairReport(
                    replaced.stream().map(each -> each.report(directory)).toList(),
                    survey.losses().losses(),
                    written.stream().mapToLong(SalvageWriter::recordsKept).sum(),
                    identityDamage.count() > 0);
        } finally {
            for (SalvageWriter writer : written) {
                writer.close();
            }
            store.files().close();
        }
    }

    /**
     * The mark of a clean close, also beside what a repair has left that was cut short: no opening can have been in
     * between, since that removes the mark.
     */
    private static @Nullable CleanMark readMark(StoreContext store, Map<Long, StoreDirectory.FoundFile> found)
            throws IOException {
        CleanMark mark = StoreOpener.readMark(store, found.size());
        if (mark == null) {
            return null;
        }
        Map<Long, StoreDirectory.FoundFile> closed = new HashMap<>();
        for (Map.Entry<Long, StoreDirectory.FoundFile> file : found.entrySet()) {
            if (!isLeftByRepair(store, file.getKey(), file.getValue(), mark)) {
                closed.put(file.getKey(), file.getValue());
            }
        }
        return StoreOpener.isOfNow(mark, store, closed) ? mark : null;
    }

    private static boolean isLeftByRepair(StoreContext store, long id, StoreDirectory.FoundFile found, CleanMark mark)
            throws IOException {
        if (id < mark.nextFileId()) {
            return false;
        }
        StoreFile file = StoreOpener.unknown(store, new Location(id, 0, found.length()), found);
        ArenaFooter content = file.content().toFooter();
        return file.isSealed()
                && (content.sequenceMax() < mark.nextSequence() || content.records() == content.tombstones());
    }

    /** A damaged file, the name that it gets, and what takes its place. */
    private record Replaced(StoreFile file, String asideName, SalvageWriter writer) {

        RepairReport.SetAside report(Directory directory) {
            Path path = directory.path();
            return new RepairReport.SetAside(
                    file.path(),
                    path.resolve(asideName).toString(),
                    path.resolve(FileNames.arena(writer.fileId())).toString(),
                    writer.recordsKept());
        }
    }

    /** One new file for each damaged one, and one more for what hides values besides or keeps an id from reuse. */
    private static List<Replaced> write(StoreContext store, RepairSurvey survey, Ids ids, List<SalvageWriter> written)
            throws IOException {
        List<Replaced> replaced = new ArrayList<>();
        for (SalvageScan scan : survey.damaged()) {
            SalvageWriter writer = new SalvageWriter(store, ids.next());
            written.add(writer);
            writer.copy(scan.file(), survey.newest(), survey.losses().hidings(scan.file()));
            writer.seal();
            replaced.add(new Replaced(scan.file(), asideName(store.directory(), scan.file()), writer));
        }
        List<EncodedKey> rest = survey.losses().hiddenWithoutFile();
        if (!rest.isEmpty() || (written.isEmpty() && ids.isLastUnseen())) {
            SalvageWriter writer = new SalvageWriter(store, ids.next());
            written.add(writer);
            long sequence = survey.nextSequence();
            for (EncodedKey key : rest) {
                writer.hide(new SalvageWriter.Hiding(key, sequence, 0));
                sequence++;
            }
            writer.seal();
        }
        return replaced;
    }

    private static String asideName(Directory directory, StoreFile file) throws IOException {
        List<String> names = directory.list();
        int number = 1;
        while (names.contains(FileNames.setAside(file.id(), number))) {
            number++;
        }
        return FileNames.setAside(file.id(), number);
    }

    private static void commit(Directory directory, List<SalvageWriter> written, List<Replaced> replaced)
            throws IOException {
        for (SalvageWriter writer : written) {
            directory.rename(FileNames.arenaUnfinished(writer.fileId()), FileNames.arena(writer.fileId()));
        }
        directory.force();
        for (Replaced each : replaced) {
            directory.rename(each.file.name(), each.asideName);
        }
        directory.force();
        directory.delete(FileNames.CLEAN);
        directory.force();
    }

    private StoreContext context(Directory directory, StoreIdentity identity, @Nullable StoreKeys keys) {
        StoreSettings settings = new StoreSettings(
                new FileOptions(
                        FileOptions.BUFFER_BYTES,
                        FileOptions.FILE_BYTES_LIMIT,
                        BudgetChannels.of(DescriptorBudget.shared()),
                        false),
                Location.UNSIGNED_MAX,
                0,
                false,
                false,
                0,
                OpenRecord.ARRAY_BYTES_MAX,
                InstantSource.system(),
                0,
                0,
                CompactionSettings.none(),
                false,
                null,
                null);
        return StoreContext.of(
                directory, identity, keys, settings, environment.backgrounds().apply("blobarena-repair"));
    }

    /** Ids above those of all files that hold anything. */
    private static final class Ids {

        private final Set<Long> present;
        private final long presentMax;
        private long last;

        Ids(RepairSurvey survey, Set<Long> present, @Nullable CleanMark mark) {
            this.present = present;
            presentMax = survey.fileIdMax();
            last = Math.max(presentMax, mark == null ? 0 : mark.nextFileId() - 1);
        }

        /** Whether the next opening, which sees the names alone, would give the last id again. */
        boolean isLastUnseen() {
            return last > presentMax;
        }

        long next() throws IOException {
            do {
                if (last >= Location.UNSIGNED_MAX) {
                    throw new IOException("all 2^32 - 1 ids of arena files are used up");
                }
                last++;
            } while (present.contains(last));
            return last;
        }
    }
}
