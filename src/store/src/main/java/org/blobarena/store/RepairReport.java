package org.blobarena.store;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a repair found and did.
 *
 * @param setAside the damaged files that it took out of the store; they are kept, and the user's to delete
 * @param losses what could not be kept, in the order of files and offsets
 * @param recordsKept records that were copied out of the damaged files
 * @param identityRewritten whether a damaged copy of the store's identity was written anew from the other
 */
public record RepairReport(List<SetAside> setAside, List<Loss> losses, long recordsKept, boolean identityRewritten) {

    /**
     * Whether every key reads as it was last written.
     *
     * @return whether nothing was lost
     */
    public boolean isLossless() {
        return losses.isEmpty();
    }

    /**
     * A damaged file.
     *
     * @param file path that it had
     * @param movedTo path that it has now
     * @param replacement path of the file that holds what could be kept of it
     * @param recordsKept how many records that is
     */
    public record SetAside(String file, String movedTo, String replacement, long recordsKept) {}

    /**
     * A blob that was lost, or a place where some may have been. The key of a lost blob is absent now, also where an
     * older blob of it is still there. Which keys a place concerns is unknown: they have what the rest of the store says.
     *
     * @param key the bytes of the key, read-only; null when they are unknown
     * @param blob whether this is one blob; false for a place of which nothing is known
     * @param file path of the file, before it was set aside
     * @param offset where in the file, in bytes
     * @param length of the record or place, in bytes
     */
    public record Loss(@Nullable ByteBuffer key, boolean blob, String file, long offset, long length) {

        /**
         * The key.
         *
         * @return its bytes, read-only; null when they are unknown
         */
        @Override
        public @Nullable ByteBuffer key() {
            return key == null ? null : key.asReadOnlyBuffer();
        }
    }
}
