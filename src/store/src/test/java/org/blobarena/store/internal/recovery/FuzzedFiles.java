package org.blobarena.store.internal.recovery;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.CleanMark;
import org.blobarena.format.FileNames;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.SpecifiedChecksums;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.testing.SpecifiedPayload;
import org.blobarena.testing.FuzzInput;

/**
 * The files of a small store, changed as the bytes of an input say. Changes stand relative to where a record or a
 * structure begins, so that a fuzzer meets fields without knowing offsets. At the end the input may have checksums put
 * right, by kind, so that what lies behind them is reached: then the files are a forgery by somebody who knows the
 * store's secret, which no checksum can tell from the truth.
 */
final class FuzzedFiles {

    private static final int CHANGES_MAX = 40;
    private static final int FILE_BYTES_MAX = 32 * 1024;
    private static final int MEND_IDENTITY = 1;
    private static final int MEND_MARK = 2;
    private static final int MEND_ARENA_HEADERS = 4;
    private static final int MEND_PAYLOADS = 8;
    private static final int MEND_RECORD_HEADERS = 16;
    private static final int CHECKSUM_OF_FRAME = 60;

    private final Map<String, byte[]> files = new TreeMap<>();
    private final Map<String, List<Integer>> anchors = new TreeMap<>();
    private final List<String> names;
    private final KeyHasher hasher;
    private final FuzzInput input;
    private int mended;

    FuzzedFiles(Map<String, byte[]> original, StoreIdentity identity, FuzzInput input) {
        this.files.putAll(original);
        this.names = List.copyOf(files.keySet());
        this.hasher = new KeyHasher(identity);
        this.input = input;
        names.forEach(name -> anchors.put(name, anchors(name)));
    }

    /** Whether checksums were put right. */
    boolean isForged() {
        return mended != 0;
    }

    /** The files after all changes. */
    Map<String, byte[]> changed() {
        mended = input.next();
        for (int i = 0; i < CHANGES_MAX && input.hasNext(); i++) {
            change();
        }
        files.replaceAll((name, bytes) -> mend(name, bytes));
        return files;
    }

    private List<Integer> anchors(String name) {
        List<Integer> found = new ArrayList<>(List.of(0));
        int length = files.get(name).length;
        switch (name) {
            case FileNames.IDENTITY -> found.addAll(StoreIdentity.COPY_OFFSETS);
            case FileNames.CLEAN -> {
                for (int at = CleanMark.HEADER_BYTES; at < length; at += CleanMark.FILE_BYTES) {
                    found.add(at);
                }
            }
            default -> {
                ByteBuffer bytes = littleEndian(files.get(name));
                for (int at = ArenaHeader.BYTES; at < length; at += (int) recordLength(bytes, at)) {
                    found.add(at);
                    found.add(at + headerBytes(bytes, at) + keyLength(bytes, at));
                }
            }
        }
        found.add(length);
        return found;
    }

    private void change() {
        int kind = input.next() % 10;
        String name = names.get(input.next() % names.size());
        byte[] bytes = files.get(name);
        if (bytes == null) {
            return;
        }
        int at = place(name);
        switch (kind) {
            case 0 -> write(name, at, new byte[] {(byte) input.next()});
            case 1 -> write(name, at, littleEndian(4).putInt(input.nextShort()).array());
            case 2 -> write(name, at, littleEndian(4).putInt(input.nextInt()).array());
            case 3 -> write(name, at, littleEndian(8).putLong(input.nextLong()).array());
            case 4 -> files.put(name, Arrays.copyOf(bytes, Math.min(at, bytes.length)));
            case 5 -> splice(name, Math.min(at, bytes.length), 0, input.next(input.next() % 64));
            case 6 -> splice(name, Math.min(at, bytes.length), input.nextShort(), new byte[0]);
            case 7 -> {
                byte[] piece = copyOfPiece();
                write(name, at, piece);
            }
            case 8 -> {
                byte[] piece = copyOfPiece();
                splice(name, Math.min(at, bytes.length), 0, piece);
            }
            default -> removeOrRename(name);
        }
    }

    private int place(String name) {
        List<Integer> known = anchors.get(name);
        return known.get(input.next() % known.size()) + input.next() % 128;
    }

    private byte[] copyOfPiece() {
        String name = names.get(input.next() % names.size());
        byte[] bytes = files.getOrDefault(name, new byte[0]);
        int from = Math.min(place(name), bytes.length);
        return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + input.nextShort() % 4096));
    }

    private void write(String name, int at, byte[] piece) {
        byte[] bytes = files.get(name);
        if (at + piece.length <= FILE_BYTES_MAX) {
            byte[] grown = Arrays.copyOf(bytes, Math.max(bytes.length, at + piece.length));
            System.arraycopy(piece, 0, grown, at, piece.length);
            files.put(name, grown);
        }
    }

    /** Puts a piece in the place of some bytes, so that what is behind moves. */
    private void splice(String name, int at, int removed, byte[] piece) {
        byte[] bytes = files.get(name);
        int end = Math.min(bytes.length, at + removed);
        if (bytes.length + piece.length <= FILE_BYTES_MAX) {
            ByteBuffer spliced = ByteBuffer.allocate(bytes.length - (end - at) + piece.length);
            spliced.put(bytes, 0, at).put(piece).put(bytes, end, bytes.length - end);
            files.put(name, spliced.array());
        }
    }

    private void removeOrRename(String name) {
        byte[] bytes = files.remove(name);
        int id = input.next() % 16;
        if (id > 0) {
            files.put(FileNames.arena(id), bytes);
        }
    }

    // ---- putting checksums right

    private byte[] mend(String name, byte[] original) {
        byte[] bytes = original.clone();
        OptionalLong id = FileNames.arenaId(name);
        if (id.isPresent()) {
            if ((mended & MEND_ARENA_HEADERS) != 0 && bytes.length >= ArenaHeader.BYTES) {
                mendFrame(bytes, 0);
            }
            mendRecords(littleEndian(bytes), id.getAsLong());
        } else if (name.equals(FileNames.IDENTITY) && (mended & MEND_IDENTITY) != 0) {
            for (int at : StoreIdentity.COPY_OFFSETS) {
                if (bytes.length >= at + StoreIdentity.BYTES) {
                    mendFrame(bytes, at);
                }
            }
        } else if (name.equals(FileNames.CLEAN) && (mended & MEND_MARK) != 0 && bytes.length > 16) {
            ByteBuffer mark = littleEndian(bytes);
            mark.putInt(12, SpecifiedChecksums.of(mark, 16, mark.limit()));
        }
        return bytes;
    }

    private static void mendFrame(byte[] array, int at) {
        ByteBuffer bytes = littleEndian(array);
        bytes.putInt(at + CHECKSUM_OF_FRAME, SpecifiedChecksums.of(bytes, at, at + CHECKSUM_OF_FRAME));
    }

    /** As far as the lengths lead. */
    private void mendRecords(ByteBuffer bytes, long id) {
        long at = ArenaHeader.BYTES;
        while (at + RecordHeader.BYTES <= bytes.limit()) {
            int start = (int) at;
            int payload = start + headerBytes(bytes, start) + keyLength(bytes, start);
            if (payload > bytes.limit()) {
                return;
            }
            at += recordLength(bytes, start);
            if ((mended & MEND_PAYLOADS) != 0 && at <= bytes.limit()) {
                SpecifiedPayload ofRecord = new SpecifiedPayload(bytes, payload, (int) at, bytes.get(start + 31) & ~4);
                ofRecord.mendBlocks();
                int covered = Math.max(payload, ofRecord.coveredStart());
                bytes.putInt(start + 20, SpecifiedChecksums.of(bytes, covered, (int) at));
            }
            if ((mended & MEND_RECORD_HEADERS) != 0) {
                RecordHeader.Place place = new RecordHeader.Place(id, start, hasher.salt(id));
                bytes.putInt(start + RecordHeader.SALT_OFFSET, place.salt());
                bytes.putInt(start, SpecifiedChecksums.ofRecord(bytes, start, keyLength(bytes, start), place));
            }
        }
    }

    private static int keyLength(ByteBuffer bytes, int at) {
        return Short.toUnsignedInt(bytes.getShort(at + 28));
    }

    private static int headerBytes(ByteBuffer bytes, int at) {
        return SpecifiedChecksums.headerBytes(bytes, at);
    }

    private static long recordLength(ByteBuffer bytes, int at) {
        return headerBytes(bytes, at) + keyLength(bytes, at) + Integer.toUnsignedLong(bytes.getInt(at + 16));
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer littleEndian(int bytes) {
        return littleEndian(new byte[bytes]);
    }
}
