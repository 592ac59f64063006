package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two structures with magic, version and a checksum at their end. */
class IdentityAndHeaderTest {

    private static final UUID ID = new UUID(0x1122334455667788L, 0x99aabbccddeeff00L);
    private static final StoreIdentity IDENTITY = new StoreIdentity(ID, 0x0102030405060708L);
    private static final ArenaHeader HEADER = new ArenaHeader(0xFFFF_FFFEL, ID, Limits.SEQUENCE_MAX);

    @Test
    void identityComesBackAsItWas() throws FormatException {
        assertThat(StoreIdentity.decode(IDENTITY.encode())).isEqualTo(IDENTITY);
    }

    @Test
    void headerComesBackAsItWas() throws FormatException {
        assertThat(ArenaHeader.decode(HEADER.encode())).isEqualTo(HEADER);
    }

    @Test
    void textOfIdentityKeepsTheSecret() {
        assertThat(IDENTITY.toString()).contains(ID.toString()).doesNotContain(Long.toString(IDENTITY.hashSeed()));
    }

    @Test
    void everyFlippedBitIsDetected() {
        assertThat(Flips.undetected(IDENTITY.encode(), StoreIdentity::decode)).isEmpty();
        assertThat(Flips.undetected(HEADER.encode(), ArenaHeader::decode)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 12, 63})
    void shortBytesAreCorrupt(int length) {
        ByteBuffer identity = IDENTITY.encode().limit(length);
        ByteBuffer header = HEADER.encode().limit(length);

        assertThat(failure(() -> StoreIdentity.decode(identity)).getMessage()).contains("64", Integer.toString(length));
        assertThat(failure(() -> ArenaHeader.decode(header)).isUnsupported()).isFalse();
    }

    @Test
    void reservedBytesAreRejectedUnderTheRightChecksum() {
        for (int at : new int[] {StoreIdentity.RESERVED_OFFSET, 59}) {
            ByteBuffer bytes = sealed(IDENTITY.encode().put(at, (byte) 1));
            assertThat(failure(() -> StoreIdentity.decode(bytes)).getMessage()).contains("reserved byte " + at);
        }
        for (int at = ArenaHeader.KEY_ID_OFFSET; at < ArenaHeader.CHECKSUM_OFFSET; at++) {
            ByteBuffer bytes = sealed(HEADER.encode().put(at, (byte) 1));
            assertThat(failure(() -> ArenaHeader.decode(bytes)).getMessage()).contains("reserved byte " + at);
        }
    }

    @Test
    void newerVersionIsUnsupportedUnderTheRightChecksum() {
        ByteBuffer bytes = sealed(HEADER.encode().putInt(ArenaHeader.VERSION_OFFSET, 3));

        FormatException failure = failure(() -> ArenaHeader.decode(bytes));

        assertThat(failure.isUnsupported()).isTrue();
        assertThat(failure.getMessage()).contains("version 3", "up to 2");
    }

    @Test
    void damagedVersionIsNotTakenForANewerOne() {
        ByteBuffer header = HEADER.encode().putInt(ArenaHeader.VERSION_OFFSET, 3);
        ByteBuffer identity = IDENTITY.encode().putInt(StoreIdentity.VERSION_OFFSET, 257);

        assertThat(failure(() -> ArenaHeader.decode(header)).isUnsupported()).isFalse();
        assertThat(failure(() -> StoreIdentity.decode(identity)).isUnsupported())
                .isFalse();
    }

    @Test
    void versionZeroIsCorrupt() {
        ByteBuffer bytes = sealed(HEADER.encode().putInt(ArenaHeader.VERSION_OFFSET, 0));

        assertThat(failure(() -> ArenaHeader.decode(bytes)).isUnsupported()).isFalse();
    }

    private static ByteBuffer sealed(ByteBuffer bytes) {
        int end = ArenaHeader.CHECKSUM_OFFSET;
        return bytes.putInt(end, Checksums.of(bytes, 0, end));
    }

    private static FormatException failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable decoding) {
        return catchThrowableOfType(FormatException.class, decoding);
    }
}
