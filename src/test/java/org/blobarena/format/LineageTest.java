package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineageTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, Lineage.FILES_MAX})
    void idsComeBackAsTheyWere(int count) throws FormatException {
        long[] ids = LongStream.range(0, count).map(i -> 0xFFFF_FFFFL - i).toArray();

        ByteBuffer payload = new Lineage(ids).encode();

        assertThat(payload.remaining()).isEqualTo(Lineage.payloadBytes(count));
        assertThat(Lineage.decode(payload).fileIds()).isEqualTo(ids);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, Lineage.FILES_MAX + 1, Integer.MAX_VALUE, -1})
    void anotherCountIsRejectedBeforeAnythingIsAllocated(int count) {
        ByteBuffer payload = new Lineage(7).encode();
        payload.putInt(Lineage.COUNT_OFFSET, count);

        assertThatExceptionOfType(FormatException.class).isThrownBy(() -> Lineage.decode(payload));
    }

    @Test
    void reservedBytesAreRejectedAndSoIsACutPayload() {
        ByteBuffer payload = new Lineage(7).encode();
        assertThatExceptionOfType(FormatException.class)
                .isThrownBy(() -> Lineage.decode(payload.duplicate().limit(7)));
        payload.put(Lineage.RESERVED_OFFSET, (byte) 1);
        assertThatExceptionOfType(FormatException.class).isThrownBy(() -> Lineage.decode(payload));
    }
}
