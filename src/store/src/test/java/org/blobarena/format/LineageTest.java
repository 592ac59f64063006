package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineageTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, Lineage.FILES_MAX})
    void idsComeBackAsTheyWere(int count) throws FormatException {
        List<Long> ids =
                LongStream.range(0, count).mapToObj(i -> 0xFFFF_FFFFL - i).toList();

        ByteBuffer payload = new Lineage(ids).encode();

        assertThat(payload.remaining()).isEqualTo(Lineage.payloadBytes(count));
        assertThat(Lineage.decode(payload).fileIds()).isEqualTo(ids);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, Lineage.FILES_MAX + 1, Integer.MAX_VALUE, -1})
    void anotherCountIsRejectedBeforeAnythingIsAllocated(int count) {
        ByteBuffer payload = new Lineage(List.of(7L)).encode();
        payload.putInt(Lineage.COUNT_OFFSET, count);

        assertThatExceptionOfType(FormatException.class).isThrownBy(() -> Lineage.decode(payload));
    }

    @Test
    void reservedBytesAreRejectedAndSoIsACutPayload() {
        ByteBuffer payload = new Lineage(List.of(7L)).encode();
        assertThatExceptionOfType(FormatException.class)
                .isThrownBy(() -> Lineage.decode(payload.duplicate().limit(7)));
        payload.put(Lineage.RESERVED_OFFSET, (byte) 1);
        assertThatExceptionOfType(FormatException.class).isThrownBy(() -> Lineage.decode(payload));
    }
}
