package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.blobarena.arena.Location;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.FileScanner;
import org.blobarena.store.internal.write.ActiveFileOpener;
import org.jspecify.annotations.Nullable;

/**
 * Recovers one file record by record: an unsealed one, or a sealed one whose index blocks are damaged.
 *
 * <p>The verdict on what is invalid rests on how far the file was known to be forced when later records were
 * written (each says so in its header). What begins below that mark no crash can have hit: it is damage, reported, and
 * a record whose payload alone is damaged keeps its place in the index, so that its key is answered with an
 * exception and not with an older value. Above it, and at the end, it is the unfinished work of a crash: torn,
 * counted, and passed over.
 *
 * <p>Where not even a header is valid, an index block behind it may list what stood there. Of that, values that are
 * damage keep their places in the index in the same way. Tombstones count in either case: what was listed had been
 * handed to the system, and a removal that its caller saw succeed is better kept than taken back.
 */
public final class UnsealedScan {

    private static final int ZERO_PIECE_BYTES = 8192;

    private final StoreFile file;
    private final KeyHasher hasher;
    private final DamageLog damage;
    private final long closedBytes;
    private final IndexBlock pending = IndexBlock.empty();
    private final TreeMap<Long, FileScanner.Damage> gaps = new TreeMap<>();
    private final List<BadPayload> badPayloads = new ArrayList<>();
    private final List<IndexBlock.Entry> listedInGaps = new ArrayList<>();
    private final List<IndexBlock.Entry> lostTombstones = new ArrayList<>();
    private long forcedBytes;
    private long validEnd = ArenaHeader.BYTES;
    private long vouchedEnd = ArenaHeader.BYTES;
    private long damageEnd;
    private long tornBytes;
    private boolean whole = true;

    /** Takes what counts. */
    public interface Target {

        /** Takes a record. */
        void apply(StoreFile file, IndexBlock.Entry entry) throws IOException;

        /** Takes one whose header is damaged, and that only an index block knows. */
        void applyUnreadable(StoreFile file, IndexBlock.Entry entry) throws IOException;
    }

    private record BadPayload(IndexBlock.Entry entry, boolean compressed, String problem) {}

    /**
     * What is known of a file but from its records.
     *
     * @param length what it had at least when the store was closed; 0 if that is not known
     * @param forcedBytes how much of it is known to have been on the device
     */
    public record Known(long length, long forcedBytes) {

        public static final Known NOTHING = new Known(0, 0);
    }

    public UnsealedScan(StoreFile file, KeyHasher hasher, DamageLog damage, Known known) {
        this.file = file;
        this.hasher = hasher;
        this.damage = damage;
        this.closedBytes = known.length;
        this.forcedBytes = known.forcedBytes;
    }

    /** Applies every record that counts. The file's content must be empty before, and is complete after. */
    public void run(Target target) throws IOException {
        FileScanner scanner = new FileScanner(file);
        while (scanner.next()) {
            note(scanner.damageBefore());
            forcedBytes = Math.max(forcedBytes, scanner.header().forcedBytes());
            take(scanner, target);
        }
        FileScanner.Damage tail = scanner.damageBefore();
        judge(target, tail);
    }

    /** Hands every tombstone to the rebuild again. */
    void dropTombstones(IndexRebuild rebuild) throws IOException {
        if (file.content().tombstones() == 0) {
            return;
        }
        FileScanner scanner = new FileScanner(file);
        while (scanner.next()) {
            if (scanner.header().type() == RecordType.TOMBSTONE) {
                rebuild.dropTombstone(file, entry(scanner));
            }
        }
        for (IndexBlock.Entry entry : lostTombstones) {
            rebuild.dropTombstone(file, entry);
        }
    }

    /**
     * Returns whether the file holds nothing at all but what a crash leaves of a file that was just begun: less than a
     * header, or zeros, which nobody has written.
     */
    boolean isVoid() throws IOException {
        long length = file.arena().length();
        if (length < ArenaHeader.BYTES) {
            return whole;
        }
        return whole && validEnd == ArenaHeader.BYTES && isZero(file);
    }

    /** Returns whether a crash can have damaged the header: nothing says that it had been forced. */
    public boolean isHeaderTorn() {
        return forcedBytes < ArenaHeader.BYTES;
    }

    static boolean isZero(StoreFile file) throws IOException {
        long length = file.arena().length();
        ByteBuffer piece = ByteBuffer.allocate(ZERO_PIECE_BYTES);
        for (long position = 0; position < length; position += piece.capacity()) {
            piece.clear().limit((int) Math.min(piece.capacity(), length - position));
            file.arena().read(piece, position);
            for (int i = 0; i < piece.limit(); i++) {
                if (piece.get(i) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Returns whether nothing was invalid but a tail: the file can be cut there and go on. */
    boolean isWhole() {
        return whole;
    }

    public long tornBytes() {
        return tornBytes;
    }

    /** Returns where the last record ends, or the damage behind it: from there on is a tail that a writer has not finished. */
    public long recordsEnd() {
        return Math.min(file.arena().length(), Math.max(validEnd, damageEnd));
    }

    /** Returns how much of the file its records, or its footer, say was on the device. */
    long forcedBytes() {
        return forcedBytes;
    }

    /**
     * Returns what has to be known to go on with the file.
     *
     * @param begun whether it has a header; else it begins anew
     */
    ActiveFileOpener.Found found(boolean begun) {
        return begun
                ? new ActiveFileOpener.Found(validEnd, forcedBytes, pending, vouchedEnd)
                : new ActiveFileOpener.Found(0, 0, pending, vouchedEnd);
    }

    private void take(FileScanner scanner, Target target) throws IOException {
        RecordHeader header = scanner.header();
        String problem = scanner.verifyPayload();
        if (RecordType.isOfKey(header.type())) {
            IndexBlock.Entry entry = entry(scanner);
            if (problem != null) {
                badPayloads.add(new BadPayload(entry, header.isCompressed(), problem));
                return;
            }
            add(entry, header.isCompressed(), target);
        } else if (problem != null) {
            note(new FileScanner.Damage(scanner.offset(), scanner.end(), problem));
            return;
        } else if (header.type() == RecordType.INDEX_BLOCK) {
            noteListedInGaps(scanner.indexBlock());
            file.content().indexBlockWritten(new Location(file.id(), scanner.offset(), header.recordLength()));
            pending.clear();
            if (header.forcedBytes() == scanner.offset()) {
                vouchedEnd = scanner.end();
            }
        } else if (header.type() == RecordType.VOID) {
            file.content().addVoid(header.recordLength());
        }
        validEnd = scanner.offset() + header.recordLength();
    }

    private void add(IndexBlock.Entry entry, boolean compressed, Target target) throws IOException {
        if (pending.count() == IndexBlock.ENTRIES_MAX) {
            // The block that listed them is damaged, which the scan reports; this file will not be sealed.
            pending.clear();
            whole = false;
        }
        pending.add(entry);
        file.content().add(entry, compressed);
        target.apply(file, entry);
    }

    private void noteListedInGaps(IndexBlock block) {
        for (int i = 0; !gaps.isEmpty() && i < block.count(); i++) {
            IndexBlock.Entry entry = block.entry(i);
            Map.Entry<Long, FileScanner.Damage> gap = gaps.floorEntry(entry.offset());
            if (gap != null && entry.offset() < gap.getValue().end()) {
                listedInGaps.add(entry);
            }
        }
    }

    private void judge(Target target, FileScanner.@Nullable Damage tail) throws IOException {
        for (BadPayload bad : badPayloads) {
            IndexBlock.Entry entry = bad.entry;
            if (entry.offset() < forcedBytes) {
                addDamage(entry.offset(), entry.offset() + entry.length(), bad.problem);
                file.content().add(entry, bad.compressed);
                target.apply(file, entry);
            } else {
                addTorn(entry.offset(), entry.length());
            }
        }
        for (FileScanner.Damage gap : gaps.values()) {
            judge(gap);
        }
        applyListed(target);
        if (tail != null) {
            judge(tail);
        }
        long length = file.arena().length();
        tornBytes += length - recordsEnd();
        if (length < closedBytes) {
            addDamage(length, length, "the file is cut: expected " + closedBytes + " bytes, found " + length);
        }
    }

    private void judge(FileScanner.Damage gap) {
        if (gap.start() < forcedBytes) {
            addDamage(gap.start(), gap.end(), gap.problem() + "; nothing is readable up to offset " + gap.end());
        } else {
            addTorn(gap.start(), gap.end() - gap.start());
        }
    }

    private void addDamage(long start, long end, String problem) {
        damage.add(file, start, problem);
        damageEnd = Math.max(damageEnd, end);
        whole = false;
    }

    /** What stands behind the last record that is right is counted as a whole, and cut. */
    private void addTorn(long start, long length) {
        if (start < validEnd) {
            tornBytes += length;
            whole = false;
        }
    }

    private void applyListed(Target target) throws IOException {
        for (IndexBlock.Entry entry : listedInGaps) {
            boolean tombstone = entry.type() == RecordType.TOMBSTONE;
            if (tombstone || gaps.floorEntry(entry.offset()).getValue().start() < forcedBytes) {
                // Whether a value was compressed is not known, and matters to nobody, since it cannot be read.
                file.content().add(entry, false);
                target.applyUnreadable(file, entry);
            }
            if (tombstone) {
                lostTombstones.add(entry);
            }
        }
    }

    private void note(FileScanner.@Nullable Damage gap) {
        if (gap != null) {
            gaps.put(gap.start(), gap);
        }
    }

    private IndexBlock.Entry entry(FileScanner scanner) throws IOException {
        return scanner.entry(hasher.hash(scanner.key()));
    }
}
