package org.blobarena.store.internal.recovery;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.commons.io.FileUtils;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FormatException;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.internal.core.FileContent;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.FileScanner;
import org.blobarena.store.internal.record.OpenRecord;
import org.blobarena.store.internal.record.SealedFileReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads everything and changes nothing: every header, record, index block and footer against its checksum, and
 * the index against one that is rebuilt from the files, in the temporary directory, for comparison. Where a file is
 * missing or cut, nothing can be rebuilt, and that is the report.
 */
public final class StoreVerifier {

    private final StoreContext store;
    private final SettledIndex index;
    private final @Nullable LocationIndexFactory indexes;
    private final DamageLog damage = new DamageLog();
    private final DamagedRanges ranges = new DamagedRanges();
    private final Set<Long> indexDamage = new HashSet<>();
    private long records;
    private long bytes;
    private boolean allReadable = true;

    public StoreVerifier(StoreContext store, SettledIndex index, @Nullable LocationIndexFactory indexes) {
        this.store = store;
        this.index = index;
        this.indexes = indexes;
    }

    /** For {@link #verifyFiles}, which needs no other index. */
    public StoreVerifier(StoreContext store, SettledIndex index) {
        this(store, index, null);
    }

    public VerifyReport verify() throws IOException {
        verifyEach();
        if (allReadable) {
            verifyIndex();
        }
        return report();
    }

    /** Reads all files as {@link #verify} does, and does not compare the index. */
    public VerifyReport verifyFiles() throws IOException {
        verifyEach();
        return report();
    }

    private VerifyReport report() {
        return new VerifyReport(index.size(), records, bytes, damage.count(), damage.places());
    }

    private void verifyEach() {
        for (StoreFile file : finishedFiles()) {
            try {
                verifyHeader(file);
                verifyRecords(file);
                verifyIndexBlocks(file);
            } catch (NoSuchFileException e) {
                damage.add(file, 0, "the file is missing");
                allReadable = false;
            } catch (EOFException e) {
                damage.add(file, 0, "the file is cut: expected " + file.arena().length() + " bytes");
                allReadable = false;
            } catch (IOException e) {
                damage.add(file, 0, "cannot be read: " + e);
                allReadable = false;
            }
        }
    }

    /** What compaction is still writing may be given up at any moment, and nothing points into it. */
    private List<StoreFile> finishedFiles() {
        return store.files().all().stream().filter(file -> !file.isOutput()).toList();
    }

    private void verifyHeader(StoreFile file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(
                (int) Math.min(ArenaHeader.BYTES, file.arena().length()));
        file.arena().read(header, 0);
        try {
            ArenaHeader.decode(header.flip());
        } catch (FormatException e) {
            damage.add(file, 0, e.getMessage());
        }
    }

    private void verifyRecords(StoreFile file) throws IOException {
        FileScanner scanner = new FileScanner(file);
        while (scanner.next()) {
            note(file, scanner.damageBefore());
            String problem = scanner.verifyPayload();
            if (problem != null) {
                damage.add(file, scanner.offset(), problem);
                ranges.add(file, scanner.offset(), scanner.end());
            }
            if (RecordType.isOfKey(scanner.header().type())) {
                records++;
            }
        }
        note(file, scanner.damageBefore());
        bytes += file.arena().length();
    }

    private void note(StoreFile file, FileScanner.@Nullable Damage gap) {
        if (gap != null) {
            ranges.add(file, gap.start(), gap.end());
            damage.add(file, gap.start(), gap.problem() + "; nothing is readable up to offset " + gap.end());
        }
    }

    private void verifyIndexBlocks(StoreFile file) throws IOException {
        if (!file.isSealed()) {
            return;
        }
        ArenaFooter footer = SealedFileReader.footer(file.arena(), file.salt());
        if (footer == null) {
            damage.add(file, file.arena().length(), "footer: expected one at the end, found none");
            return;
        }
        try {
            SealedFileReader.forEachEntry(file, footer.lastIndexBlock(), entry -> {});
        } catch (FormatException e) {
            damage.add(file, footer.lastIndexBlock().offset(), "index blocks: " + e.getMessage());
        }
    }

    private void verifyIndex() throws IOException {
        Path directory = Files.createTempDirectory("blobarena-verify-");
        try (LocationIndex rebuilt = rebuild(directory)) {
            compareWith(rebuilt);
            compareEachOf(rebuilt);
        } finally {
            FileUtils.deleteDirectory(directory.toFile());
        }
    }

    /** From the same files under a table of their own, since a rebuild counts live bytes and contents. */
    private LocationIndex rebuild(Path directory) throws IOException {
        FileTable table = new FileTable();
        for (StoreFile file : finishedFiles()) {
            boolean sealed = file.isSealed(); // Asked once: it may be sealed at any moment.
            FileContent content = sealed ? new FileContent(file.content().toFooter()) : FileContent.none(file.id());
            table.add(file.withContent(content, sealed));
        }
        return new Recovery(store.withFiles(table), new DamageLog(), null)
                .rebuild(keys -> Objects.requireNonNull(indexes).create(directory, keys));
    }

    private void compareWith(LocationIndex rebuilt) {
        try (LocationIndex.Cursor cursor = index.cursor()) {
            while (index.next(
                    cursor,
                    (hash, location) ->
                            compare(location, rebuilt.get(hash), "the index has a key that the files do not"))) {}
        } catch (CorruptBlobException e) {
            addIndexDamage(e); // What is behind it is met from the other side.
        }
    }

    private void compareEachOf(LocationIndex rebuilt) {
        try (LocationIndex.Cursor cursor = rebuilt.cursor()) {
            while (cursor.next(this::compareWithIndex)) {}
        }
    }

    private void compareWithIndex(KeyHash hash, Location location) {
        try {
            Location found = index.get(hash);
            if (found != null || !expires(location)) {
                compare(location, found, "the index lacks a key, or points elsewhere");
            }
        } catch (CorruptBlobException e) {
            addIndexDamage(e);
        }
    }

    /** Once for each place, whoever comes by. */
    private void addIndexDamage(CorruptBlobException found) {
        if (indexDamage.add(found.offset())) {
            damage.add(new Damage(
                    found.file(), found.offset(), "the index is damaged; the next opening of the store makes it anew"));
        }
    }

    /** A compaction that did not come to its end leaves records twice: either place is right. */
    private boolean isCopy(Location location, @Nullable Location other) {
        if (other == null) {
            return false;
        }
        StoreFile file = store.files().get(location.fileIndex());
        StoreFile otherFile = store.files().get(other.fileIndex());
        if (file == null || otherFile == null) {
            return false;
        }
        try (Scratch scratch = Scratch.take()) {
            OpenRecord record = new OpenRecord();
            long sequence = record.open(file, location, scratch).sequence();
            return sequence == record.open(otherFile, other, scratch).sequence();
        } catch (IOException e) {
            return false; // The records' own verification has reported it.
        }
    }

    /** What expires may have been taken out of the index, also if the clock was set back since. */
    private boolean expires(Location location) {
        StoreFile file = store.files().get(location.fileIndex());
        try (Scratch scratch = Scratch.take()) {
            return file != null
                    && file.content().expiringRecords() > 0
                    && new OpenRecord().open(file, location, scratch).expires();
        } catch (IOException e) {
            return false; // The records' own verification has reported it.
        }
    }

    /** A location at damage that is reported already is no second damage, whatever the rebuilding made of it. */
    private void compare(Location location, @Nullable Location found, String problem) {
        if (!location.equals(found)
                && !isCopy(location, found)
                && !ranges.contains(location)
                && (found == null || !ranges.contains(found))) {
            StoreFile file = store.files().get(location.fileIndex());
            damage.add(new Damage(String.valueOf(file), location.offset(), problem));
        }
    }
}
