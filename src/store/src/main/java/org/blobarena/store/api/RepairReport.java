package org.blobarena.store.api;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a repair found and did.
 *
 * @param setAside the damaged files that were taken out of the store; they are kept, and the user may delete them
 * @param losses what could not be kept, in the order of files and offsets
 * @param recordsKept the number of records copied from the damaged files
 * @param identityRewritten whether a damaged copy of the store's identity was rewritten from the other
 */
public record RepairReport(List<SetAside> setAside, List<Loss> losses, long recordsKept, boolean identityRewritten) {

    /**
     * Returns whether every key reads as it was last written.
     *
     * @return whether nothing was lost
     */
    public boolean isLossless() {
        return losses.isEmpty();
    }

    /**
     * A damaged file.
     *
     * @param file its former path
     * @param movedTo its present path
     * @param replacement the path of the file that holds what could be kept
     * @param recordsKept the number of records kept
     */
    public record SetAside(String file, String movedTo, String replacement, long recordsKept) {}

    /**
     * A lost blob, or a damaged place that may have held some. The key of a lost blob is absent now, even if an older
     * blob of it exists. For a place, the keys concerned are unknown; they have what the rest of the store says.
     *
     * @param key the bytes of the key, read-only; null if unknown
     * @param blob true for one blob, false for a place of which nothing is known
     * @param file the path of the file before it was set aside
     * @param offset the offset in the file, in bytes
     * @param length the length of the record or place, in bytes
     */
    public record Loss(@Nullable ByteBuffer key, boolean blob, String file, long offset, long length) {

        /**
         * Returns the key.
         *
         * @return its bytes, read-only; null if unknown
         */
        @Override
        public @Nullable ByteBuffer key() {
            return key == null ? null : key.asReadOnlyBuffer();
        }
    }
}
