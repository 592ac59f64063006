package org.blobarena.store.testing;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.blobarena.format.SpecifiedChecksums;
import org.jspecify.annotations.Nullable;

/**
 * The payload of a value as store-format.md says it, without a line of the library.
 *
 * @param bytes of the file
 * @param start index of the first byte of the payload
 * @param end index behind the last
 * @param flags of the record's header
 */
public record SpecifiedPayload(ByteBuffer bytes, int start, int end, int flags) {

    private static final int BLOCK = 65_536;

    /** Where what the payload's checksum covers begins, or -1 if no such payload can be. */
    public int coveredStart() {
        return switch (flags) {
            case 0 -> end - start > BLOCK ? -1 : start;
            case 1 -> blockTableStart();
            case 2 -> compressedTableStart();
            default -> -1;
        };
    }

    private int blockTableStart() {
        long length = (long) end - start;
        long blob = length - 4 * ((length + BLOCK + 3) / (BLOCK + 4));
        return blob <= BLOCK || blob + 4 * blocks(blob) != length ? -1 : start + (int) blob;
    }

    private int compressedTableStart() {
        if (end - start < 17) {
            return -1;
        }
        long blob = bytes.getLong(end - 8);
        boolean possible = blob >= 1 && blob <= 0xFFFF_FFFFL && 8 * blocks(blob) + 8 <= end - start;
        return possible ? end - 8 - (int) (8 * blocks(blob)) : -1;
    }

    /** The blob, or null if the payload is none. */
    @Nullable ByteBuffer blob(int checksum) {
        int covered = coveredStart();
        if (covered < 0 || SpecifiedChecksums.of(bytes, covered, end) != checksum) {
            return null;
        }
        if (flags == 0) {
            return bytes.slice(start, end - start);
        }
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        int at = start;
        for (int row = covered; row < (flags == 1 ? end : end - 8); row += flags == 1 ? 4 : 8) {
            long left = (flags == 1 ? covered - start : bytes.getLong(end - 8)) - blob.size();
            int raw = (int) Math.min(BLOCK, left);
            int stored = flags == 1 ? raw : bytes.getInt(row);
            if (stored < 1 || stored > raw || stored > covered - at) {
                return null;
            }
            byte[] block = block(at, stored, raw);
            if (block == null
                    || SpecifiedChecksums.of(bytes, at, at + stored) != bytes.getInt(flags == 1 ? row : row + 4)) {
                return null;
            }
            blob.writeBytes(block);
            at += stored;
        }
        return at == covered ? ByteBuffer.wrap(blob.toByteArray()) : null;
    }

    /** Puts the checksums of blocks right, as far as the lengths lead. */
    public void mendBlocks() {
        int covered = coveredStart();
        if (flags == 0 || covered < 0) {
            return;
        }
        int at = start;
        for (int row = covered; row < (flags == 1 ? end : end - 8); row += flags == 1 ? 4 : 8) {
            long stored = flags == 1 ? Math.min(BLOCK, covered - at) : Integer.toUnsignedLong(bytes.getInt(row));
            if (stored > covered - at) {
                return;
            }
            bytes.putInt(flags == 1 ? row : row + 4, SpecifiedChecksums.of(bytes, at, at + (int) stored));
            at += (int) stored;
        }
    }

    private byte @Nullable [] block(int at, int stored, int raw) {
        byte[] block = new byte[stored];
        bytes.get(at, block);
        if (stored == raw) {
            return block;
        }
        byte[] target = new byte[raw];
        try {
            return Zstd.decompressByteArray(target, 0, raw, block, 0, stored) == raw ? target : null;
        } catch (ZstdException e) {
            return null;
        }
    }

    private static long blocks(long blobBytes) {
        return (blobBytes + BLOCK - 1) / BLOCK;
    }
}
