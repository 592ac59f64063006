package org.blobarena.store.internal.recovery;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.arena.internal.io.SmallFiles;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.CleanMark;
import org.blobarena.format.FileNames;
import org.blobarena.format.FormatException;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.FileContent;
import org.blobarena.store.internal.core.RecoveredFiles;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.StoreSettings;
import org.blobarena.store.internal.core.crypt.StoreKeys;
import org.blobarena.store.internal.record.SealedFileReader;
import org.blobarena.store.internal.watch.OpenEvent;
import org.blobarena.store.internal.watch.Recordings;
import org.blobarena.store.internal.watch.RecoveryEvent;
import org.blobarena.store.internal.write.ActiveFile;
import org.blobarena.store.internal.write.ActiveFileOpener;
import org.blobarena.store.internal.write.RecordWriter;
import org.blobarena.store.internal.write.UnsealedFiles;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a store: finds or makes its identity, takes the lock, looks at every arena file's header, and gets an
 * index: the one that a clean close left, else a rebuilt one.
 *
 * <p>The mark of a clean close is removed, durably, before the index is touched: a process that dies from there
 * on leaves no mark, whatever it did to the index.
 */
public final class StoreOpener {

    private static final Logger LOG = LoggerFactory.getLogger(StoreOpener.class);

    /** What is told there is of no use to somebody who has asked for it. */
    private static final Logger INDEX_LOG = LoggerFactory.getLogger(IndexChoice.class);

    private static final long MARK_FILES_SPARE = 10_000;
    private static final String MISSING = "the file is missing";

    private final StoreEnvironment environment;
    private final StoreSettings settings;
    private final DamageLog damage = new DamageLog();
    private final long startNanos = System.nanoTime();

    public StoreOpener(StoreEnvironment environment, StoreSettings settings) {
        this.environment = environment;
        this.settings = settings;
    }

    /** The directory of the file system. */
    public static Directory openDirectory(Path path, boolean create) throws IOException {
        requireUsable(path);
        if (Files.isDirectory(path)) {
            return new NioDirectory(path);
        }
        if (Files.exists(path) && !Files.isDirectory(path)) { // Somebody else may just have made it.
            throw new NotAStoreException(path + " is not a directory");
        }
        if (!create) {
            throw new NotAStoreException(path + " does not exist");
        }
        return NioDirectory.createAt(path);
    }

    /** Before anything is made: refuses paths that the library, or what it stands on, could not use later. */
    private static void requireUsable(Path path) throws NotAStoreException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new NotAStoreException(path + " is in a file system of the kind '"
                    + path.getFileSystem().provider().getScheme()
                    + "': a store needs a directory of the default file system");
        }
        Exception cause = null;
        try {
            Path working = Path.of(System.getProperty("user.dir"));
            Path absolute = path.toAbsolutePath();
            if (absolute.equals(Path.of(absolute.toString()))
                    && (path.isAbsolute() || Files.isSameFile(working, Path.of("")))) {
                return;
            }
        } catch (InvalidPathException | IOException e) {
            cause = e;
        }
        NotAStoreException unnameable = new NotAStoreException(
                "the name of " + path + ", or of the working directory, has characters that this JVM"
                        + " cannot express in the encoding of the system (" + System.getProperty("sun.jnu.encoding")
                        + "): set a locale that can, such as LC_ALL=C.UTF-8");
        unnameable.initCause(cause);
        throw unnameable;
    }

    public OpenedStore open(Path path) throws IOException {
        OpenEvent event = Recordings.mayRun() ? OpenEvent.begun() : null;
        try {
            OpenedStore opened = openOrFail(path);
            if (event != null) {
                StoreContext store = opened.context();
                event.index = opened.indexes().name();
                event.keys = opened.index().size();
                event.files = store.files().all().size();
                event.clean = opened.report().clean();
                event.tornBytes = opened.report().tornBytes();
                event.damageCount = opened.report().damageCount();
                event.ended(store.directory().path());
            }
            return opened;
        } catch (IOException e) {
            throw Failures.translate(e);
        }
    }

    private OpenedStore openOrFail(Path path) throws IOException {
        Directory directory = environment.directories().open(path, settings.createIfMissing());
        // Before the first channel is opened. Who changes these files now holds the lock, and this opening fails.
        LocationIndexFactory indexes = environment.index().forStore(indexFiles(directory));
        LoadedClasses.ensure(indexes.name());
        boolean exists = StoreDirectory.holdsStore(directory, settings.createIfMissing());
        DirectoryLock lock = directory.lock(FileNames.LOCK);
        try {
            StoreIdentity identity = exists
                    ? StoreDirectory.take(directory, lock, damage)
                    : StoreDirectory.make(directory, lock, damage, settings);
            StoreDirectory.requireKind(directory, identity, settings.kind());
            StoreKeys keys = StoreDirectory.keys(directory, identity, settings.keySource(), true, damage);
            Background background = environment
                    .backgrounds()
                    .apply("blobarena-" + directory.path().getFileName());
            return open(StoreContext.of(directory, identity, keys, settings, background), indexes, lock);
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(e, lock);
            throw e;
        }
    }

    /** Returns the index files of a store, of every kind. */
    static List<String> indexFiles(Directory directory) throws IOException {
        return directory.list().stream().filter(FileNames::isIndex).toList();
    }

    private OpenedStore open(StoreContext store, LocationIndexFactory indexes, Closeable lock) throws IOException {
        Directory directory = store.directory();
        StoreDirectory.deleteUnfinished(directory);
        store.reserve().open();
        Map<Long, StoreDirectory.FoundFile> found = StoreDirectory.arenaFiles(store);
        CleanMark mark = readMark(store, found);
        if (mark != null && settings.requireAllFiles()) {
            requireAllFiles(store, mark, found);
        }
        directory.delete(FileNames.CLEAN);
        directory.force();
        deleteOtherIndexes(directory, indexes);
        LocationIndex index = mark == null ? null : openIndex(directory, indexes, mark);
        Result result = index == null || mark == null
                ? recover(store, indexes, found, mark)
                : resumeClean(store, mark, index, found);
        store.recovered().proveLater(store.background());
        return new OpenedStore(store, result.index, indexes, result.writer, result.report, lock, false);
    }

    /** While there is still the mark that can miss a file. */
    private static void requireAllFiles(StoreContext store, CleanMark mark, Map<Long, StoreDirectory.FoundFile> found)
            throws CorruptBlobException {
        for (CleanMark.FileState state : mark.files()) {
            StoreDirectory.FoundFile file = found.get(state.fileId());
            String problem = file == null ? MISSING : cut(state.length(), file);
            if (problem != null) {
                Path path = store.directory().path().resolve(FileNames.arena(state.fileId()));
                throw new CorruptBlobException(path.toString(), file == null ? 0 : file.length(), problem);
            }
        }
    }

    /** What is wrong with the length of a file, or null. */
    private static @Nullable String cut(long expected, StoreDirectory.FoundFile found) {
        return found.length() < expected
                ? "the file is cut: expected " + expected + " bytes, found " + found.length()
                : null;
    }

    /** What an opening of either kind comes to. */
    private record Result(LocationIndex index, RecordWriter writer, OpenReport report) {}

    // ---- after a clean close

    private static @Nullable CleanMark readMark(StoreContext store, Map<Long, StoreDirectory.FoundFile> found)
            throws IOException {
        CleanMark mark = readMark(store, found.size());
        if (mark == null || isOfNow(mark, store, found)) {
            return mark;
        }
        LOG.warn(
                "{}: the mark of the last close is ignored: there are records that it does not know",
                store.directory().path());
        return null;
    }

    /**
     * The mark if there is one, of whatever time.
     *
     * @param files how many arena files there are: a mark that names many more is no mark, and not read whole
     */
    public static @Nullable CleanMark readMark(StoreContext store, long files) throws IOException {
        long bytesMax = CleanMark.HEADER_BYTES + (2 * files + MARK_FILES_SPARE) * CleanMark.FILE_BYTES;
        ByteBuffer bytes;
        try {
            bytes = SmallFiles.read(store.directory(), FileNames.CLEAN, Math.min(bytesMax, Integer.MAX_VALUE - 8));
        } catch (NoSuchFileException e) {
            return null;
        }
        try {
            return CleanMark.decode(bytes);
        } catch (FormatException e) {
            LOG.warn(
                    "{}: the mark of the last close is ignored: {}",
                    store.directory().path(),
                    e.getMessage());
            return null;
        }
    }

    /**
     * Whether the files have nothing that the mark does not know, or somebody has put an old mark back. That they
     * have less is damage, which the mark helps to find.
     */
    public static boolean isOfNow(CleanMark mark, StoreContext store, Map<Long, StoreDirectory.FoundFile> found) {
        int known = 0;
        for (CleanMark.FileState state : mark.files()) {
            StoreDirectory.FoundFile file = found.get(state.fileId());
            if (file != null) {
                known++;
                if (file.length() > state.length()) {
                    return false;
                }
            }
        }
        return known == found.size() && mark.storeId().equals(store.identity().storeId());
    }

    /** Of a kind that is not used now: nobody would bring them up to date. */
    private static void deleteOtherIndexes(Directory directory, LocationIndexFactory indexes) throws IOException {
        for (String name : indexFiles(directory)) {
            if (!indexes.owns(name)) {
                directory.delete(name);
            }
        }
    }

    private static @Nullable LocationIndex openIndex(
            Directory directory, LocationIndexFactory indexes, CleanMark mark) {
        try {
            if (!indexes.owns(mark.indexName())) {
                INDEX_LOG.info(
                        "{}: the index is rebuilt, since it is to be '{}', and {} is another kind",
                        directory.path(),
                        indexes.name(),
                        mark.indexName());
                return null;
            }
            if (RecoveredFiles.isLinked(directory, mark.indexName())) {
                LOG.info("{}: the index is rebuilt, since its file is linked to from elsewhere", directory.path());
                return null;
            }
            return indexes.open(directory.path(), mark.indexName(), mark.indexSize());
        } catch (IOException e) {
            LOG.warn("{}: the index is rebuilt, since it cannot be opened: {}", directory.path(), e.getMessage());
            return null;
        }
    }

    private Result resumeClean(
            StoreContext store, CleanMark mark, LocationIndex index, Map<Long, StoreDirectory.FoundFile> found)
            throws IOException {
        try {
            ActiveFile active = null;
            for (CleanMark.FileState state : mark.files()) {
                StoreDirectory.FoundFile foundFile = found.get(state.fileId());
                boolean goesOn = foundFile != null && isToGoOn(state, foundFile);
                if (goesOn) {
                    replaceIfLinked(store, new Location(state.fileId(), 0, state.length()));
                }
                StoreFile file = existing(
                        store,
                        new Location(state.fileId(), 0, state.length()),
                        foundFile == null ? StoreDirectory.FoundFile.MISSING : foundFile,
                        new Known(state.content(), state.status() == CleanMark.Status.SEALED));
                file.addLive(state.liveBytes());
                store.files().add(file);
                boolean intact = isIntact(file, foundFile);
                if (!intact) {
                    file.markDamaged();
                } else if (goesOn) {
                    active = ActiveFileOpener.reopen(store, file, state.length());
                    store.files().replace(active.file());
                } else if (!file.isSealed()) {
                    file.markLeft();
                }
            }
            return new Result(
                    index,
                    new RecordWriter(
                            store,
                            new UnsealedFiles(
                                    store,
                                    new UnsealedFiles.Counters(mark.nextSequence(), mark.nextFileId()),
                                    new UnsealedFiles.Resumed(active == null ? List.of() : List.of(active), active))),
                    report(true, 0));
        } catch (IOException | RuntimeException | Error e) {
            index.close();
            store.files().close();
            throw e;
        }
    }

    /** Whether a file can take further records: the active one, if nothing of it is unlisted. */
    private static boolean isToGoOn(CleanMark.FileState state, StoreDirectory.FoundFile found) {
        Location lastBlock = state.content().lastIndexBlock();
        long listedEnd = lastBlock.length() == 0 ? ArenaHeader.BYTES : lastBlock.end();
        return state.status() == CleanMark.Status.ACTIVE
                && state.length() == listedEnd
                && state.length() <= found.length();
    }

    private boolean isIntact(StoreFile file, StoreDirectory.@Nullable FoundFile found) {
        if (found == null) {
            damage.add(file, 0, MISSING);
            return false;
        }
        String cut = cut(file.arena().length(), found);
        if (cut != null) {
            damage.add(file, found.length(), cut);
            return false;
        }
        if (found.headerProblem() != null) {
            damage.add(file, 0, found.headerProblem());
            return false;
        }
        return true;
    }

    // ---- after any other

    /** @param mark of the last close, when it was clean and just the index is lost */
    private Result recover(
            StoreContext store,
            LocationIndexFactory indexes,
            Map<Long, StoreDirectory.FoundFile> found,
            @Nullable CleanMark mark)
            throws IOException {
        RecoveryEvent event = found.isEmpty() || !Recordings.mayRun() ? null : RecoveryEvent.begun();
        try {
            Map<Long, String> headerProblems = new HashMap<>();
            for (Map.Entry<Long, StoreDirectory.FoundFile> entry : found.entrySet()) {
                StoreDirectory.FoundFile file = entry.getValue();
                store.files().add(own(store, new Location(entry.getKey(), 0, file.length()), file));
                if (file.headerProblem() != null) {
                    headerProblems.put(entry.getKey(), file.headerProblem());
                }
            }
            Lineages lineages = new Lineages(store, damage);
            lineages.apply();
            addMissing(store, found, mark);
            Recovery recovery = new Recovery(store, damage, mark);
            LocationIndex index = recovery.rebuild(keys -> store.reserve()
                    .retryWithoutReserve(() -> indexes.create(store.directory().path(), keys)));
            try {
                UnsealedFiles.Resumed resumed = recovery.resume(headerProblems);
                long lastFileId =
                        found.keySet().stream().mapToLong(Long::longValue).reduce(lineages.idMax(), Math::max);
                RecordWriter writer = new RecordWriter(
                        store, new UnsealedFiles(store, counters(recovery.nextSequence(), lastFileId, mark), resumed));
                if (event != null) {
                    event.keys = index.size();
                    event.files = found.size();
                    event.tornBytes = recovery.tornBytes();
                    event.ended(store.directory().path());
                }
                return new Result(index, writer, report(found.isEmpty(), recovery.tornBytes()));
            } catch (IOException | RuntimeException | Error e) {
                index.close();
                throw e;
            }
        } catch (IOException | RuntimeException | Error e) {
            store.files().close();
            throw e;
        }
    }

    /** Which keys that concerns only the lost index could tell. */
    private void addMissing(StoreContext store, Map<Long, StoreDirectory.FoundFile> found, @Nullable CleanMark mark) {
        if (mark != null) {
            for (CleanMark.FileState state : mark.files()) {
                if (!found.containsKey(state.fileId())) {
                    Path missing = store.directory().path().resolve(FileNames.arena(state.fileId()));
                    damage.add(new Damage(missing.toString(), 0, MISSING));
                }
            }
        }
    }

    private static UnsealedFiles.Counters counters(long nextSequence, long lastFileId, @Nullable CleanMark mark) {
        return mark == null
                ? new UnsealedFiles.Counters(nextSequence, lastFileId + 1)
                : new UnsealedFiles.Counters(
                        Math.max(nextSequence, mark.nextSequence()), Math.max(lastFileId + 1, mark.nextFileId()));
    }

    /** As {@link #unknown}, of a file that nobody else sees unless it is sealed and stays as it is. */
    private static StoreFile own(StoreContext store, Location whole, StoreDirectory.FoundFile found)
            throws IOException {
        StoreFile file = unknown(store, whole, found);
        if (!file.isSealed()) {
            replaceIfLinked(store, whole);
        }
        return file;
    }

    private static void replaceIfLinked(StoreContext store, Location whole) throws IOException {
        boolean replaced = store.reserve()
                .retryWithoutReserve(
                        () -> RecoveredFiles.replaceIfLinked(store.directory(), whole.fileIndex(), whole.length()));
        if (replaced) {
            LOG.info(
                    "{}: {} was linked to from elsewhere and still has to change, so it was copied",
                    store.directory().path(),
                    FileNames.arena(whole.fileIndex()));
        }
    }

    /** A file of which nothing is known but its length and its header: sealed if it ends in a footer. */
    static StoreFile unknown(StoreContext store, Location whole, StoreDirectory.FoundFile found) throws IOException {
        ArenaFooter nothing = FileContent.none(whole.fileIndex()).toFooter();
        StoreFile file = existing(store, whole, found, new Known(nothing, false));
        ArenaFooter footer;
        try (ReadableFile arena = file.arena()) {
            footer = SealedFileReader.footer(file, new SealedFileReader.Whole(arena::read, arena.length()));
        }
        return existing(store, whole, found, footer == null ? new Known(nothing, false) : new Known(footer, true));
    }

    /** What is known of a file without reading its records. */
    private record Known(ArenaFooter content, boolean sealed) {}

    private static StoreFile existing(StoreContext store, Location whole, StoreDirectory.FoundFile found, Known known) {
        ReadableFile arena = ReadableFile.existing(
                whole.fileIndex(),
                store.directory(),
                FileNames.arena(whole.fileIndex()),
                whole.length(),
                store.settings().fileOptions().channels());
        if (known.sealed && store.settings().fileOptions().mapped()) {
            arena.map();
        }
        StoreFile.Origin origin = found.origin(store, whole.fileIndex());
        return new StoreFile(arena, origin, new FileContent(known.content), known.sealed);
    }

    private OpenReport report(boolean clean, long tornBytes) {
        return new OpenReport(
                clean, Duration.ofNanos(System.nanoTime() - startNanos), tornBytes, damage.count(), damage.places());
    }

    private static void closeAfter(Throwable cause, Closeable resource) {
        try {
            resource.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
