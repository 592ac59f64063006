package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.FileScanner;
import org.blobarena.store.internal.record.SealedFileReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads one file for a repair: applies every record that is right to an index, and tells where the others are and
 * what is known of them. A damaged payload leaves its key; a damaged header leaves what a later index block lists.
 *
 * <p>What is damage and what is the unfinished work of a crash is judged as by {@link UnsealedScan}, but that the
 * length at a clean close counts too, and that a file of which nothing is right counts as damaged as a whole.
 */
final class SalvageScan {

    private final StoreFile file;
    private final KeyHasher hasher;
    private final boolean headerDamaged;
    private final long closedBytes;
    private final long footerRecords;
    private final TreeMap<Long, Hole> holes = new TreeMap<>();
    private final TreeMap<Long, LostRecord> lost = new TreeMap<>();
    private long forcedBytes;
    private long validEnd = ArenaHeader.BYTES;
    private boolean blocksDamaged;

    /**
     * Bytes without a record that is right.
     *
     * @param gap whether not even a header is
     */
    record Hole(long start, long end, boolean gap) {}

    /** A record that cannot be read, by its place and number; without its key where that is lost too. */
    record LostRecord(IndexBlock.Entry entry, @Nullable EncodedKey key) {

        KeyHash hash() {
            return new KeyHash(entry.hashHigh(), entry.hashLow());
        }
    }

    /**
     * @param found what a look at the header said
     * @param known what the last close knew if it was clean
     */
    SalvageScan(StoreFile file, KeyHasher hasher, StoreDirectory.FoundFile found, UnsealedScan.Known known) {
        this.file = file;
        this.hasher = hasher;
        this.headerDamaged = found.headerProblem() != null;
        this.closedBytes = known.length();
        this.footerRecords = file.isSealed() ? file.content().toFooter().records() : -1;
        this.forcedBytes = file.isSealed() ? found.length() : known.forcedBytes();
    }

    void run(IndexRebuild rebuild) throws IOException {
        checkIndexBlocks();
        file.content().reset();
        FileScanner scanner = new FileScanner(file);
        while (scanner.next()) {
            note(scanner.damageBefore());
            forcedBytes = Math.max(forcedBytes, scanner.header().forcedBytes());
            take(scanner, rebuild);
        }
        note(scanner.damageBefore());
        if (headerDamaged && validEnd == ArenaHeader.BYTES && !isUnwritten()) {
            forcedBytes = Math.max(forcedBytes, file.arena().length());
        }
    }

    StoreFile file() {
        return file;
    }

    /**
     * Returns whether the file cannot stay: an opening would report it, or a verification, or it would never be sealed.
     */
    boolean isDamaged() throws IOException {
        boolean cut = file.arena().length() < closedBytes;
        boolean hole = !holes.isEmpty()
                && (holes.firstKey() < validEnd || holes.values().stream().anyMatch(this::isOfForced));
        return cut || hole || blocksDamaged || (headerDamaged && (closedBytes > 0 || !isUnwritten()));
    }

    boolean hasRecords() {
        return validEnd > ArenaHeader.BYTES;
    }

    Iterable<Hole> holes() {
        return holes.values();
    }

    /** Returns what is known of records that cannot be read, in the order of the file. */
    Iterable<LostRecord> lostRecords() {
        return lost.values();
    }

    @Nullable LostRecord lostAt(long offset) {
        return lost.get(offset);
    }

    /** Returns whether the place had been forced: no crash can have damaged it. */
    boolean isOfForced(Hole hole) {
        return hole.start < forcedBytes;
    }

    /** Returns whether the record counts although it cannot be read, as for a recovery: see {@link UnsealedScan}. */
    boolean counts(LostRecord record) {
        boolean listedTombstone = record.key == null && record.entry.type() == RecordType.TOMBSTONE;
        return listedTombstone || isOfForced(hole(record.entry.offset()));
    }

    /** Gaps of which not even an index block tells what stood there. */
    List<Hole> unknown() {
        List<Hole> unknown = new ArrayList<>();
        if (file.content().toFooter().records() + lost.size() != footerRecords) {
            for (Hole hole : holes.values()) {
                long listed = lost.subMap(hole.start, hole.end).values().stream()
                        .mapToLong(record -> record.entry.length())
                        .sum();
                if (hole.gap && isOfForced(hole) && listed < hole.end - hole.start) {
                    unknown.add(hole);
                }
            }
        }
        return unknown;
    }

    private Hole hole(long offset) {
        return holes.floorEntry(offset).getValue();
    }

    /** Nothing but what a crash leaves of a file that was just begun, which an opening begins anew. */
    private boolean isUnwritten() throws IOException {
        return file.arena().length() < ArenaHeader.BYTES || UnsealedScan.isZero(file);
    }

    private void checkIndexBlocks() throws IOException {
        try {
            SealedFileReader.forEachEntry(file, file.content().lastIndexBlock(), entry -> {});
        } catch (FormatException e) {
            blocksDamaged = true;
        }
    }

    private void note(FileScanner.@Nullable Damage gap) {
        if (gap != null) {
            holes.put(gap.start(), new Hole(gap.start(), gap.end(), true));
        }
    }

    private void take(FileScanner scanner, IndexRebuild rebuild) throws IOException {
        RecordHeader header = scanner.header();
        if (scanner.verifyPayload() != null) {
            holes.put(scanner.offset(), new Hole(scanner.offset(), scanner.end(), false));
            if (RecordType.isOfKey(header.type())) {
                EncodedKey key = hasher.encoded(scanner.key());
                lost.put(scanner.offset(), new LostRecord(scanner.entry(key.hash()), key));
            }
            return;
        }
        if (RecordType.isOfKey(header.type())) {
            IndexBlock.Entry entry = scanner.entry(hasher.hash(scanner.key()));
            file.content().add(entry, header.isCompressed());
            rebuild.apply(file, entry);
        } else if (header.type() == RecordType.INDEX_BLOCK && !holes.isEmpty()) {
            takeListed(scanner.indexBlock());
        }
        validEnd = scanner.end();
    }

    private void takeListed(IndexBlock block) {
        for (int i = 0; i < block.count(); i++) {
            IndexBlock.Entry entry = block.entry(i);
            Map.Entry<Long, Hole> hole = holes.floorEntry(entry.offset());
            if (hole != null && hole.getValue().gap && entry.offset() < hole.getValue().end) {
                lost.put(entry.offset(), new LostRecord(entry, null));
            }
        }
    }
}
