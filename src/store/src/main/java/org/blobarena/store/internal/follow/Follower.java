package org.blobarena.store.internal.follow;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.blobarena.format.CleanMark;
import org.blobarena.format.FileNames;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.api.Damage;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.recovery.DamageLog;
import org.blobarena.store.internal.recovery.StoreDirectory;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.internal.recovery.UnsealedScan;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a view of a store up to date, in a directory that somebody else may be changing.
 *
 * <p>A view is what an opening would find, had the writer been killed at one moment between the beginning and the end of
 * the refresh. The writer never stops, so that moment is put together, in this order:
 *
 * <ol>
 *   <li>The directory is listed, and every new file is opened; one that is gone by then begins it again. From here on no file
 *       can be lost to this view.
 *   <li>Files are looked at for a footer. What a lineage of a sealed one names is left out of the view.
 *   <li>The length of each file that is not sealed is noted.
 *   <li>The directory is listed again. If there are other arena files, all this is done once more.
 *   <li>All records up to the lengths that were noted are taken. The greatest sequence number of them is <i>S</i>.
 *   <li>What was appended meanwhile is taken too, up to the first record of each file with a greater number than S.
 * </ol>
 *
 * <p>What was written before the refresh began stands below the lengths of 3. Let a record be in the view, and another have been
 * written before that one was begun. Then the other has a lesser number, stood in its file before the end of 3, and
 * so in a file of the list of 4, and is taken in 5 or 6. So the view is one of one moment, in whatever order files are
 * looked at.
 *
 * <p>What a lineage leaves out is needed no more. It counts only if it was there in 2: all that its file replaces by was
 * sealed then, and all that made a record there needless had been forced before, and so stands in the lengths of 3. A
 * lineage that is written later counts at the next refresh; until then both, victim and copy, are in the view.
 *
 * <p>A listing has every file that is there from its beginning to its end. A file that is gone in the second listing was
 * replaced meanwhile. One that comes and goes between the two is an output of compaction that was given up, whose records
 * stand in its victims.
 *
 * <p>For one thread at a time.
 */
public final class Follower implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    /** A writer that makes and deletes files in each of so many listings is none of this library. */
    private static final int ATTEMPTS = 10_000;

    /** Sealed files by their first sequence number, then the others by id: then almost nothing is looked up. */
    private static final Comparator<FollowedFile> ORDER = Comparator.comparingLong(FollowedFile::sequenceMin)
            .thenComparingLong(file -> file.file().id());

    private final StoreContext store;
    private final FollowedIndex index;
    private final DamageLog damage;
    private final Map<Long, FollowedFile> followed = new TreeMap<>();

    /** What the directory has, by the last listing: followed already or not. */
    private final Map<Long, FollowedFile> found = new TreeMap<>();

    private boolean refreshed;

    /**
     * Prepares to follow a store of which nothing is known yet.
     *
     * @param values gets the newest value of each key
     * @param tombstones gets the newest tombstone of each key that has been removed
     */
    public Follower(StoreContext store, LocationIndex values, LocationIndex tombstones, DamageLog damage) {
        this.store = store;
        this.damage = damage;
        this.index = new FollowedIndex(values, tombstones, store.files());
    }

    /**
     * Makes the view one of now. After a failure it may be in between; the next refresh goes on from there.
     *
     * @throws IOException if a file cannot be read, or is none of this store or format
     */
    public void refresh() throws IOException {
        CleanMark mark = refreshed ? null : StoreOpener.readMark(store, list().size());
        Set<Long> leftOut = find();
        Map<Long, UnsealedScan.Known> known = knownBy(mark);
        Set<Long> leaving = new HashSet<>(followed.keySet());
        leaving.removeIf(id -> found.containsKey(id) && !leftOut.contains(id));
        index.setLeaving(leaving);
        List<FollowedFile> taken = new ArrayList<>(found.values());
        taken.removeIf(file -> leftOut.contains(file.file().id()));
        taken.sort(ORDER);
        for (FollowedFile file : taken) {
            admit(file);
        }
        for (FollowedFile file : taken) {
            file.applyFound(index, known.getOrDefault(file.file().id(), UnsealedScan.Known.NOTHING));
        }
        long sequence = taken.stream()
                .mapToLong(file -> file.file().content().sequenceMax())
                .reduce(0, Math::max);
        for (FollowedFile file : taken) {
            file.applyNewer(index, sequence);
        }
        drop(leaving);
        refreshed = true;
    }

    /** Returns the bytes of unfinished writes that were passed over. */
    public long tornBytes() {
        return followed.values().stream().mapToLong(FollowedFile::tornBytes).sum();
    }

    /** Returns the disk space of the index. */
    public long indexBytes() {
        return index.fileBytes();
    }

    /** Steps 1 to 4; returns which of the files that are there are left out. */
    private Set<Long> find() throws IOException {
        closeFound(Set.of());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Set<Long> listed = list();
            closeFound(listed);
            if (openAll(listed) && list().equals(listed)) {
                Set<Long> leftOut = new HashSet<>();
                found.values().forEach(file -> leftOut.addAll(file.replaced()));
                leftOut.retainAll(listed);
                return leftOut;
            }
        }
        throw new IOException(store.directory().path() + " has other arena files each time that it is listed");
    }

    private Set<Long> list() throws IOException {
        Set<Long> ids = new HashSet<>();
        for (String name : store.directory().list()) {
            OptionalLong id = FileNames.arenaId(name);
            if (id.isPresent()) {
                ids.add(id.getAsLong());
            }
        }
        return ids;
    }

    /** Steps 1 to 3 for the files of a list; false if one of them is gone. */
    private boolean openAll(Set<Long> listed) throws IOException {
        try {
            for (long id : listed) {
                open(id);
            }
            for (FollowedFile file : found.values()) {
                file.findFooter();
            }
            for (long id : listed) {
                open(id); // It may have got its header since, and records.
            }
            for (FollowedFile file : found.values()) {
                file.findLength();
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void open(long id) throws IOException {
        if (!found.containsKey(id)) {
            FollowedFile present = followed.get(id);
            FollowedFile file =
                    present == null || present.isReplaced() ? FollowedFile.open(store, damage, id) : present;
            if (file != null) {
                found.put(id, file);
            }
        }
    }

    /** Forgets what was opened in vain: all but the files of a list. */
    private void closeFound(Set<Long> listed) throws IOException {
        for (FollowedFile file : List.copyOf(found.values())) {
            long id = file.file().id();
            if (!listed.contains(id)) {
                found.remove(id);
                if (followed.get(id) != file) {
                    file.close();
                }
            }
        }
    }

    /** What a clean close has left to know of each file, if nothing has changed since. */
    private Map<Long, UnsealedScan.Known> knownBy(@Nullable CleanMark mark) {
        Map<Long, UnsealedScan.Known> known = new HashMap<>();
        Map<Long, StoreDirectory.FoundFile> lengths = new HashMap<>();
        found.forEach(
                (id, file) -> lengths.put(id, new StoreDirectory.FoundFile(file.foundBytes(), 0, false, null, null)));
        if (mark == null || !StoreOpener.isOfNow(mark, store, lengths)) {
            return known;
        }
        for (CleanMark.FileState state : mark.files()) {
            known.put(state.fileId(), new UnsealedScan.Known(state.length(), state.forcedBytes()));
            if (!found.containsKey(state.fileId())) {
                Path missing = store.directory().path().resolve(FileNames.arena(state.fileId()));
                damage.add(new Damage(missing.toString(), 0, "the file is missing"));
            }
        }
        return known;
    }

    private void admit(FollowedFile file) {
        FollowedFile before = followed.put(file.file().id(), file);
        if (before == null) {
            store.files().add(file.file());
        } else if (before != file) {
            store.files().replace(file.file());
            retire(before);
        }
    }

    private void drop(Set<Long> leaving) throws IOException {
        boolean allKnown = true;
        for (Long id : leaving) {
            FollowedFile file = followed.get(id);
            allKnown &= file == null || file.forEachEntry(entry -> index.forget(file.file(), entry));
        }
        if (!allKnown) {
            index.forgetLeaving();
        }
        for (Long id : leaving) {
            FollowedFile file = followed.remove(id);
            if (file != null) {
                store.files().remove(file.file());
                retire(file);
            }
            if (found.get(id) == file) {
                found.remove(id);
            }
        }
        index.setLeaving(Set.of());
    }

    /** Closes a file when nobody reads it any more. */
    private static void retire(FollowedFile file) {
        file.file().retire(() -> {
            try {
                file.close();
            } catch (IOException e) {
                LOG.debug("{} could not be closed, which loses nothing", file.file(), e);
            }
        });
    }

    /** Closes what is not in the table of the store, which closes the rest. */
    @Override
    public void close() throws IOException {
        closeFound(Set.of());
    }
}
