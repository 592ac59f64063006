package org.blobarena.store.internal.engine;

import org.blobarena.format.Layout;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.WriteOptions;

/** Refuses what no record can hold, before anything is written. */
final class RecordSizes {

    private final long fileBytesMax;
    private final Layout layout;

    /** What fits beside any key, whether it expires or not; less than 0 if nothing does. */
    private final long blobBytesOfAnyKey;

    /** @param fileBytesMax the limit of an arena file */
    RecordSizes(long fileBytesMax, Layout layout) {
        this.fileBytesMax = fileBytesMax;
        this.layout = layout;
        this.blobBytesOfAnyKey = layout.blobBytesMax(fileBytesMax, layout.keyBytesMax(), true);
    }

    void requireFits(EncodedKey key, long blobBytes, WriteOptions options) {
        requireKeyFits(key);
        if (blobBytes > blobBytesOfAnyKey) {
            requireAtMost(
                    layout.blobBytesMax(
                            fileBytesMax, key.length(), !options.expiry().isNever()),
                    key,
                    blobBytes);
        }
    }

    private void requireAtMost(long limit, EncodedKey key, long blobBytes) {
        if (limit < 0) {
            throw new BlobTooLargeException("a key of " + key.length() + " bytes leaves no room for a blob in an arena"
                    + " file of " + fileBytesMax + " bytes");
        }
        if (blobBytes > limit) {
            throw new BlobTooLargeException(
                    "a blob of " + blobBytes + " bytes does not fit an arena file of " + fileBytesMax
                            + " bytes: with this key of " + key.length() + " bytes it can have at most " + limit);
        }
    }

    void requireKeyFits(EncodedKey key) {
        if (key.length() > layout.keyBytesMax()) {
            throw new BlobTooLargeException(
                    "a key of " + key.length() + " bytes is longer than the limit of " + layout.keyBytesMax());
        }
    }
}
