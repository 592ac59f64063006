package org.blobarena.store;

import java.nio.ByteBuffer;
import org.blobarena.index.KeyHash;

/** A key that a record must have. */
interface SoughtKey {

    /** Bytes of the key. */
    int length();

    /** Whether a record has these bytes from an index on, as many as {@link #length}. */
    boolean isAt(ByteBuffer bytesOfRecord, int at);

    KeyHash hash();
}
