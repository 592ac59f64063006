package org.blobarena.store.internal.engine;

import org.blobarena.format.Limits;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.StoreSettings;
import org.blobarena.store.internal.core.WriteOptions;

/** Refuses what no record can hold, before anything is written. */
final class RecordSizes {

    private RecordSizes() {}

    static void requireFits(StoreSettings settings, EncodedKey key, long blobBytes, WriteOptions options) {
        requireKeyFits(key);
        long limit = Limits.blobBytesMax(
                settings.fileBytesMax(), key.length(), !options.expiry().isNever());
        if (limit < 0) {
            throw new BlobTooLargeException("a key of " + key.length() + " bytes leaves no room for a blob in an arena"
                    + " file of " + settings.fileBytesMax() + " bytes");
        }
        if (blobBytes > limit) {
            throw new BlobTooLargeException("a blob of " + blobBytes + " bytes does not fit an arena file of "
                    + settings.fileBytesMax() + " bytes: with this key of " + key.length()
                    + " bytes it can have at most " + limit);
        }
    }

    static void requireKeyFits(EncodedKey key) {
        if (key.length() > Limits.KEY_BYTES_MAX) {
            throw new BlobTooLargeException(
                    "a key of " + key.length() + " bytes is longer than the limit of " + Limits.KEY_BYTES_MAX);
        }
    }
}
