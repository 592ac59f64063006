package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.Test;

class EncodedKeyTest {

    private static final int SCRATCH_BYTES = 1024;

    private final KeyHasher hasher = new KeyHasher(new StoreIdentity(new UUID(1, 2), 7));
    private final EncodedKey reusable = EncodedKey.reusable();

    /** Writes a number in the order of bytes that the buffer has, and leaves the buffer with the other. */
    private static final class OrderChangingCodec implements KeyCodec<Long> {

        @Override
        public byte[] encode(Long key) {
            return ByteBuffer.allocate(Long.BYTES).putLong(key).array();
        }

        @Override
        public boolean encodeInto(Long key, ByteBuffer target) {
            target.putLong(key).order(ByteOrder.LITTLE_ENDIAN);
            return true;
        }

        @Override
        public Long decode(byte[] bytes) {
            return ByteBuffer.wrap(bytes).getLong();
        }
    }

    @Test
    void hashOfBytesIsTheObjectThatItWasMadeWith() {
        KeyHash hash = new KeyHash(1, 2);
        EncodedKey key = new EncodedKey(new byte[] {3}, hash);
        // Where a tombstone stands already, there may be no memory for another.
        assertThat(key.hash()).isSameAs(hash);
    }

    @Test
    void reusableOneIsOfTheKeyThatWasSetLast() {
        reusable.set(hasher, KeyCodec.utf8(), "a longer key");
        reusable.set(hasher, KeyCodec.utf8(), "key");
        byte[] bytes = "key".getBytes(StandardCharsets.UTF_8);
        assertThat(reusable.bytes()).isEqualTo(bytes);
        assertThat(reusable.length()).isEqualTo(bytes.length);
        assertThat(reusable.buffer()).isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(reusable.hash()).isEqualTo(hasher.hash(bytes));
        assertThat(reusable.bytes()).isNotSameAs(reusable.bytes());
    }

    @Test
    void codecThatChangesTheOrderOfBytesDoesNotChangeTheNextKey() {
        OrderChangingCodec codec = new OrderChangingCodec();
        for (long key = 1; key <= 2; key++) {
            reusable.set(hasher, codec, key);
            assertThat(reusable.bytes()).isEqualTo(codec.encode(key));
        }
    }

    @Test
    void keyThatDoesNotFitIsTakenWholeAndLetGo() {
        for (int length : new int[] {SCRATCH_BYTES, SCRATCH_BYTES + 1}) {
            String key = "k".repeat(length);
            reusable.set(hasher, KeyCodec.utf8(), key);
            assertThat(reusable.bytes()).asString(StandardCharsets.UTF_8).isEqualTo(key);
            assertThat(reusable.buffer().remaining()).isEqualTo(length);
            reusable.clear();
            assertThat(reusable.length()).isZero();
            assertThat(reusable.bytes()).isEmpty();
        }
    }
}
