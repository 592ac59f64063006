package org.blobarena.store.internal.recovery;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.Location;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FormatException;
import org.blobarena.format.RecordType;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.FileScanner;
import org.blobarena.store.internal.record.SealedFileReader;
import org.blobarena.store.internal.write.Pacer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the arena files and changes nothing: every header, record, index block and footer against its checksum.
 *
 * <p>Others may write, compact and evict meanwhile. What is read are the files that there are at the beginning, each up to the
 * record that ends there then; each once, and kept from being deleted only while it is read. One that is gone when its turn comes
 * needs no reading: compaction compares the checksums of each record that it copies, and leaves a file alone that has damage in
 * what is needed of it; an eviction takes with it what is damaged. So damage is found once, in the place where it is. What
 * was written since the beginning is for the next verification.
 */
public final class StoreVerifier {

    private final Pacer pacer;
    private final DamageLog damage = new DamageLog();
    private final DamagedRanges ranges = new DamagedRanges();
    private final List<Part> parts = new ArrayList<>();
    private long records;
    private long bytes;
    private boolean allReadable = true;

    /**
     * What is to be read of a file.
     *
     * @param end where its records end
     */
    private record Part(StoreFile file, long end) {

        long bytes() {
            return file.isComplete() ? file.arena().length() : end;
        }
    }

    /** Notes what there is to read: all of it is written, or will be before {@link #verifyFiles} is called. */
    public StoreVerifier(StoreContext store, Pacer pacer) {
        this.pacer = pacer;
        for (StoreFile file : store.files().all()) {
            if (!file
                    .isOutput()) { // Nothing points into it as long as it is one, and it may be given up at any moment.
                parts.add(new Part(file, file.recordsEnd()));
            }
        }
    }

    /** Returns what was found so far; more can be added. */
    public DamageLog damage() {
        return damage;
    }

    /** Returns where damaged bytes were found. */
    public DamagedRanges ranges() {
        return ranges;
    }

    /** Returns whether every file could be read that there is. */
    public boolean allReadable() {
        return allReadable;
    }

    /** @param keys how many keys the store has */
    public VerifyReport report(long keys) {
        return new VerifyReport(keys, records, bytes, damage.count(), damage.places());
    }

    /** Reads all files. */
    public void verifyFiles() throws InterruptedIOException {
        pacer.begin(parts.stream().mapToLong(Part::bytes).sum());
        long before = 0;
        for (Part part : parts) {
            if (part.file.pin()) {
                try {
                    verify(part);
                } finally {
                    part.file.unpin();
                }
            }
            before += part.bytes();
            pacer.doneBy(before);
        }
    }

    private void verify(Part part) throws InterruptedIOException {
        StoreFile file = part.file;
        try {
            verifyHeader(file);
            verifyRecords(part);
            verifyIndexBlocks(file);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (!file.isRetired() && !file.isLeaving()) { // Else it was evicted, and nobody misses it.
                damage.add(file, 0, problem(file, e));
                allReadable = false;
            }
        }
    }

    private static String problem(StoreFile file, IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "the file is missing";
        }
        return failure instanceof EOFException
                ? "the file is cut: expected " + file.arena().length() + " bytes"
                : "cannot be read: " + failure;
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

    private void verifyRecords(Part part) throws IOException {
        StoreFile file = part.file;
        bytes += part.bytes();
        if (part.end <= ArenaHeader.BYTES) {
            return;
        }
        Location all = new Location(file.id(), ArenaHeader.BYTES, part.end - ArenaHeader.BYTES);
        FileScanner scanner = new FileScanner(file, all, pacer.slow(file));
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
        ArenaFooter footer = SealedFileReader.footer(file);
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
}
