package org.blobarena.content;

import java.nio.ByteBuffer;
import org.blobarena.store.api.KeyCodec;

/** Digests as keys of a store. */
final class DigestCodec implements KeyCodec<Digest> {

    @Override
    public byte[] encode(Digest key) {
        return key.toBytes();
    }

    @Override
    public boolean encodeInto(Digest key, ByteBuffer target) {
        if (target.remaining() < Digest.BYTES) {
            return false;
        }
        target.put(key.toBytes());
        return true;
    }

    @Override
    public Digest decode(byte[] bytes) {
        return Digest.ofBytes(bytes);
    }
}
