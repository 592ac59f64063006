package org.blobarena.store.api;

import java.nio.file.Path;

/**
 * Where and how the blob of one key is stored at one moment. Compaction moves records later.
 *
 * @param file the path of the arena file that has the record
 * @param offset the record's first byte in the file
 * @param recordBytes the length of the record: a header, the key, and the blob as it is stored
 * @param keyBytes the length of the encoded key
 * @param blobBytes the length of the blob
 * @param compressed whether the blob is stored compressed
 * @param sequence the number of the write, greater than that of every earlier write to the store
 * @param expiry when the blob expires: {@link Expiry#never}, or {@link Expiry#at} a moment
 */
public record RecordInfo(
        Path file,
        long offset,
        long recordBytes,
        int keyBytes,
        long blobBytes,
        boolean compressed,
        long sequence,
        Expiry expiry) {}
