package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.Location;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.jspecify.annotations.Nullable;

/**
 * Recovers one file record by record: an unsealed one, or a sealed one whose index blocks are damaged.
 *
 * <p>The verdict on what is invalid rests on how far the file was known to be forced when later records were
 * written (each says so in its header). Below that mark a crash can have done nothing: it is damage, reported,
 * and a record whose payload alone is damaged keeps its place in the index, so that its key is answered with an
 * exception and not with an older value. Above it, and at the end, it is the unfinished work of a crash: torn,
 * counted, and passed over.
 */
final class UnsealedScan {

    private static final int ZERO_PIECE_BYTES = 8192;

    private final StoreFile file;
    private final KeyHasher hasher;
    private final DamageLog damage;
    private final IndexBlock pending = IndexBlock.empty();
    private final List<FileScanner.Damage> gaps = new ArrayList<>();
    private final List<BadPayload> badPayloads = new ArrayList<>();
    private long forcedBytes;
    private long validEnd = ArenaHeader.BYTES;
    private long tornBytes;
    private boolean whole = true;

    private record BadPayload(IndexBlock.Entry entry, boolean compressed, String problem) {}

    /** @param forcedBytes how much of the file is known to have been on the device: all of a sealed file */
    UnsealedScan(StoreFile file, KeyHasher hasher, DamageLog damage, long forcedBytes) {
        this.file = file;
        this.hasher = hasher;
        this.damage = damage;
        this.forcedBytes = forcedBytes;
    }

    /** Applies every record that counts. The file's content must be empty before, and is complete after. */
    void run(IndexRebuild rebuild) throws IOException {
        FileScanner scanner = new FileScanner(file);
        while (scanner.next()) {
            note(scanner.damageBefore());
            forcedBytes = Math.max(forcedBytes, scanner.header().forcedBytes());
            take(scanner, rebuild);
        }
        FileScanner.Damage tail = scanner.damageBefore();
        judge(rebuild, tail);
    }

    /** Hands every tombstone to the rebuild again. */
    void dropTombstones(IndexRebuild rebuild) throws IOException {
        FileScanner scanner = new FileScanner(file);
        while (scanner.next()) {
            if (scanner.header().type() == RecordType.TOMBSTONE) {
                rebuild.dropTombstone(file, entry(scanner));
            }
        }
    }

    /**
     * Whether the file holds nothing at all but what a crash leaves of a file that was just begun: less than a header,
     * or zeros, which nobody has written.
     */
    boolean isVoid() throws IOException {
        long length = file.arena().length();
        if (length < ArenaHeader.BYTES) {
            return true;
        }
        return whole && validEnd == ArenaHeader.BYTES && isZero(file);
    }

    /** Whether a crash can have damaged the header: nothing says that it had been forced. */
    boolean isHeaderTorn() {
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

    /** Whether nothing was invalid but a tail: the file can be cut at {@link #validEnd} and go on. */
    boolean isWhole() {
        return whole;
    }

    long validEnd() {
        return validEnd;
    }

    long tornBytes() {
        return tornBytes;
    }

    /** The records that stand in no index block. */
    IndexBlock pending() {
        return pending;
    }

    private void take(FileScanner scanner, IndexRebuild rebuild) throws IOException {
        RecordHeader header = scanner.header();
        String problem = scanner.verifyPayload();
        if (RecordType.isOfKey(header.type())) {
            IndexBlock.Entry entry = entry(scanner);
            if (problem != null) {
                badPayloads.add(new BadPayload(entry, header.isCompressed(), problem));
                return;
            }
            add(entry, header.isCompressed(), rebuild);
        } else if (problem != null) {
            gaps.add(new FileScanner.Damage(scanner.offset(), scanner.offset() + header.recordLength(), problem));
            return;
        } else if (header.type() == RecordType.INDEX_BLOCK) {
            file.content().indexBlockWritten(new Location(file.id(), scanner.offset(), header.recordLength()));
            pending.clear();
        } else if (header.type() == RecordType.VOID) {
            file.content().addVoid(header.recordLength());
        }
        validEnd = scanner.offset() + header.recordLength();
    }

    private void add(IndexBlock.Entry entry, boolean compressed, IndexRebuild rebuild) throws IOException {
        if (pending.count() == IndexBlock.ENTRIES_MAX) {
            // The block that listed them is damaged, which the scan reports; this file will not be sealed.
            pending.clear();
            whole = false;
        }
        pending.add(entry);
        file.content().add(entry, compressed);
        rebuild.apply(file, entry);
    }

    private void judge(IndexRebuild rebuild, FileScanner.@Nullable Damage tail) throws IOException {
        for (BadPayload bad : badPayloads) {
            IndexBlock.Entry entry = bad.entry;
            if (entry.offset() + entry.length() <= forcedBytes) {
                damage.add(file, entry.offset(), bad.problem);
                file.content().add(entry, bad.compressed);
                rebuild.apply(file, entry);
                whole = false;
            } else if (entry.offset() < validEnd) {
                tornBytes += entry.length();
                whole = false;
            }
        }
        for (FileScanner.Damage gap : gaps) {
            if (gap.start() < forcedBytes) {
                damage.add(file, gap.start(), gap.problem() + "; nothing is readable up to offset " + gap.end());
                whole = false;
            } else if (gap.start() < validEnd) {
                tornBytes += gap.end() - gap.start();
                whole = false;
            }
        }
        long length = file.arena().length();
        if (tail != null && tail.start() < forcedBytes) {
            damage.add(file, tail.start(), tail.problem() + "; nothing is readable up to offset " + tail.end());
            whole = false;
        } else {
            tornBytes += Math.max(0, length - validEnd);
        }
    }

    private void note(FileScanner.@Nullable Damage gap) {
        if (gap != null) {
            gaps.add(gap);
        }
    }

    private IndexBlock.Entry entry(FileScanner scanner) throws IOException {
        return scanner.entry(hasher.hash(scanner.key()));
    }
}
