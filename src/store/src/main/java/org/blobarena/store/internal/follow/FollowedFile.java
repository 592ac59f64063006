package org.blobarena.store.internal.follow;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FileNames;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Lineage;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.store.internal.core.FileContent;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.FileScanner;
import org.blobarena.store.internal.record.SealedFileReader;
import org.blobarena.store.internal.recovery.DamageLog;
import org.blobarena.store.internal.recovery.StoreDirectory;
import org.blobarena.store.internal.recovery.UnsealedScan;
import org.jspecify.annotations.Nullable;

/**
 * An arena file that somebody else may append to, seal or delete: what of it is in the view. It is held by a descriptor, so
 * that all that was found in it can be read for as long as it is wanted. For one thread at a time.
 */
final class FollowedFile implements Closeable {

    private final StoreContext store;
    private final DamageLog damage;
    private final FileHandle handle;
    private final ReadableFile arena;
    private final StoreFile file;
    private final @Nullable String headerProblem;
    private @Nullable ArenaFooter footer;
    private List<Long> replaced = List.of();
    private long foundBytes;
    private long appliedBytes = ArenaHeader.BYTES;
    private long scannedBytes;
    private boolean begun;
    private boolean complete;
    private boolean listed;
    private long tornBytes;

    private FollowedFile(
            StoreContext store, DamageLog damage, FileHandle handle, long id, StoreDirectory.FoundFile found) {
        this.store = store;
        this.damage = damage;
        this.handle = handle;
        this.headerProblem = found.headerProblem();
        this.arena = ReadableFile.held(
                id,
                store.directory(),
                FileNames.arena(id),
                handle,
                store.settings().fileOptions().channels());
        arena.extendTo(ArenaHeader.BYTES); // It has that, or would not be followed.
        StoreFile.Origin origin = found.origin(store, id);
        this.file = new StoreFile(arena, origin, FileContent.none(id), false);
    }

    /**
     * Opens a file that the directory has.
     *
     * @return null if it was just made and has no header yet, and so no records
     * @throws java.nio.file.NoSuchFileException if it is gone
     */
    static @Nullable FollowedFile open(StoreContext store, DamageLog damage, long id) throws IOException {
        FileHandle handle = store.directory().openHeld(FileNames.arena(id));
        FollowedFile opened = null;
        try {
            StoreDirectory.FoundFile found = StoreDirectory.header(store, id, handle);
            if (found.headerProblem() == null || found.length() > ArenaHeader.BYTES) {
                opened = new FollowedFile(store, damage, handle, id, found);
            }
            return opened;
        } finally {
            if (opened == null) {
                handle.close();
            }
        }
    }

    StoreFile file() {
        return file;
    }

    /** The ids of the files that it replaces, if it was sealed when that was last looked at. */
    List<Long> replaced() {
        return replaced;
    }

    boolean isSealed() {
        return footer != null;
    }

    /** The least sequence number in it, as far as that is known before it is read. */
    long sequenceMin() {
        return footer == null ? Long.MAX_VALUE : footer.sequenceMin();
    }

    long tornBytes() {
        return tornBytes;
    }

    /** Looks whether it was sealed since, and which files it replaces then. */
    void findFooter() throws IOException {
        if (footer != null) {
            return;
        }
        long bytes = handle.size();
        ArenaFooter found;
        try {
            found = SealedFileReader.footer(file, new SealedFileReader.Whole(this::read, bytes));
        } catch (EOFException e) {
            return; // Its writer has just cut off a blob that was given up.
        }
        if (found == null) {
            return;
        }
        arena.extendTo(bytes);
        if (found.lineage().length() > 0) {
            try {
                Lineage lineage = SealedFileReader.lineage(file, found.lineage());
                replaced = lineage.fileIds();
            } catch (FormatException e) {
                damage.add(file, found.lineage().offset(), "lineage: " + e.getMessage());
            }
        }
        footer = found;
    }

    private void read(ByteBuffer target, long offset) throws IOException {
        handle.read(target, offset);
        if (target.hasRemaining()) {
            throw new EOFException(file + " ends before byte " + (offset + target.limit()));
        }
    }

    /** Notes how long it is now, for {@link #applyFound}. */
    void findLength() throws IOException {
        foundBytes = handle.size();
    }

    /** Returns how long it was when that was last noted. */
    long foundBytes() {
        return foundBytes;
    }

    /**
     * Adds to the view all that it had when it was sealed, if it is, and else when its length was last noted.
     *
     * @param known of a store that was closed
     */
    void applyFound(FollowedIndex index, UnsealedScan.Known known) throws IOException {
        ArenaFooter sealed = footer;
        if (sealed != null) {
            if (!complete) {
                applySealed(index, sealed);
            }
            return;
        }
        applyUpTo(index, foundBytes, Long.MAX_VALUE);
        if (!begun && (appliedBytes < foundBytes || foundBytes < known.length() || headerProblem != null)) {
            // A crash may have left it: what stands behind the first that is not valid may count.
            scan(index, known);
        }
        begun = true;
    }

    /**
     * Adds to the view what was appended since, up to the first record that is not whole, or is newer than wanted. What stands
     * there is looked at again the next time.
     */
    void applyNewer(FollowedIndex index, long sequenceMax) throws IOException {
        if (footer == null) {
            applyUpTo(index, handle.size(), sequenceMax);
        }
    }

    private void applyUpTo(FollowedIndex index, long end, long sequenceMax) throws IOException {
        if (end - appliedBytes < RecordHeader.BYTES) {
            return;
        }
        arena.extendTo(end);
        KeyHasher hasher = store.hasher();
        FileScanner scanner = new FileScanner(file, new Location(file.id(), appliedBytes, end - appliedBytes));
        while (isNextWhole(scanner)) {
            RecordHeader header = scanner.header();
            if (RecordType.isOfKey(header.type())) {
                if (header.sequence() > sequenceMax) {
                    break;
                }
                var entry = scanner.entry(hasher.hash(scanner.key()));
                file.content().add(entry, header.isCompressed());
                index.apply(file, entry);
            } else if (header.type() == RecordType.VOID) {
                file.content().addVoid(header.recordLength());
            }
            appliedBytes = scanner.end();
        }
        endRecordsAt(Math.max(appliedBytes, scannedBytes));
    }

    private static boolean isNextWhole(FileScanner scanner) throws IOException {
        try {
            return scanner.nextWithoutGap() && scanner.verifyPayload() == null;
        } catch (EOFException e) {
            return false; // Its writer has just cut off a blob that was given up.
        }
    }

    /** What stands behind is not in the view, and may be unfinished. */
    private void endRecordsAt(long bytes) {
        file.unfinished().finish();
        file.unfinished().begin(bytes);
    }

    private void applySealed(FollowedIndex index, ArenaFooter sealed) throws IOException {
        file.unfinished().finish();
        file.content().become(sealed); // Before the index shows any of it.
        try {
            SealedFileReader.forEachEntry(file, sealed.lastIndexBlock(), entry -> index.apply(file, entry));
            listed = true;
            addHeaderDamage();
        } catch (FormatException e) {
            damage.add(file, sealed.lastIndexBlock().offset(), "index blocks: " + e.getMessage());
            scan(index, new UnsealedScan.Known(0, arena.length()));
        }
        file.markSealed();
        complete = true;
    }

    private void scan(FollowedIndex index, UnsealedScan.Known known) throws IOException {
        for (long end = footer == null ? foundBytes : arena.length(); ; end = handle.size()) {
            try {
                scan(index, known, end);
                return;
            } catch (EOFException e) {
                if (footer != null || handle.size() >= end) {
                    throw e;
                } // Else its writer has just cut off a blob that was given up.
            }
        }
    }

    /** Counts all that there is before the index shows any of it, so that nobody believes the index more than he may. */
    private void scan(FollowedIndex index, UnsealedScan.Known known, long end) throws IOException {
        endRecordsAt(end);
        StoreFile counted = file.withContent(FileContent.none(file.id()), false);
        new UnsealedScan(counted, store.hasher(), new DamageLog(), known).run(new NoTarget());
        file.content().become(counted.content().toFooter());
        StoreFile same = file.withContent(FileContent.none(file.id()), false);
        UnsealedScan scan = new UnsealedScan(same, store.hasher(), damage, known);
        scan.run(index);
        scannedBytes = scan.recordsEnd();
        tornBytes = scan.tornBytes();
        if (!scan.isHeaderTorn()) {
            addHeaderDamage();
        }
        if (footer == null) {
            endRecordsAt(Math.max(appliedBytes, scannedBytes));
        } else {
            file.unfinished().finish();
        }
    }

    /** Takes nothing. */
    private static final class NoTarget implements UnsealedScan.Target {

        @Override
        public void apply(StoreFile file, IndexBlock.Entry entry) {}

        @Override
        public void applyUnreadable(StoreFile file, IndexBlock.Entry entry) {}
    }

    private void addHeaderDamage() {
        if (headerProblem != null) {
            damage.add(file, 0, headerProblem);
        }
    }

    /**
     * Hands every record of it that the view has to a visitor.
     *
     * @return false if that is not known without reading all of it
     */
    boolean forEachEntry(SealedFileReader.EntryVisitor visitor) throws IOException {
        if (!listed) {
            return false;
        }
        try {
            SealedFileReader.forEachEntry(file, file.content().lastIndexBlock(), visitor);
            return true;
        } catch (FormatException e) {
            return false;
        }
    }

    /** Whether the name leads to another file by now, to which somebody appends rather than to this one. */
    boolean isReplaced() throws IOException {
        if (footer != null) {
            return false; // Another has the same records.
        }
        long named;
        try (FileHandle other = store.directory().openRead(file.name())) {
            named = other.size();
        }
        return named < appliedBytes || named > handle.size();
    }

    @Override
    public void close() throws IOException {
        arena.close();
    }
}
