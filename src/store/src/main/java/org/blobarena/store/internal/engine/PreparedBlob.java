package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.write.PendingRecord;
import org.jspecify.annotations.Nullable;

/**
 * A blob that is stored in one of several attempts, always under one key and with the same options. Its record is made,
 * and so compressed, in the first attempt that needs it, and serves the later ones. For one thread.
 */
final class PreparedBlob {

    private final ByteBuffer bytes;
    private @Nullable PendingRecord record;

    /** @param bytes from position to limit, which stay; must not change before the blob is stored */
    PreparedBlob(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    ByteBuffer bytes() {
        return bytes;
    }

    /** Returns its record, which stands in no file yet; takes long the first time where it is compressed. */
    PendingRecord record(StoreWrites writes, EncodedKey key, WriteOptions options) throws IOException {
        PendingRecord made = record;
        if (made == null) {
            made = writes.record(key, bytes, options);
            record = made;
        }
        return made;
    }
}
