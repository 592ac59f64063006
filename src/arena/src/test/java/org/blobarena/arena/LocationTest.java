package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocationTest {

    private static final long MAX = (1L << 32) - 1;

    private static final byte[] ENCODED = {
        0x04, 0x03, 0x02, 0x01, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x00, 0x00, 0x00, (byte) 0x80
    };

    private static final Location DECODED = new Location(0x01020304L, MAX, 0x8000_0000L);

    static Stream<ByteOrder> orders() {
        return Stream.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, Integer.MAX_VALUE, MAX})
    void componentsWithinUnsigned32BitsAreKept(long value) {
        Location location = new Location(value, value, value);

        assertThat(location.fileIndex()).isEqualTo(value);
        assertThat(location.offset()).isEqualTo(value);
        assertThat(location.length()).isEqualTo(value);
        assertThat(location.end()).isEqualTo(2 * value);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, MAX + 1, Long.MIN_VALUE, Long.MAX_VALUE})
    void componentOutsideUnsigned32BitsIsRejectedByName(long value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Location(value, 0, 0))
                .withMessageContainingAll("file index", Long.toString(value));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Location(0, value, 0))
                .withMessageContainingAll("offset", Long.toString(value));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Location(0, 0, value))
                .withMessageContainingAll("length", Long.toString(value));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void encodeWritesLittleEndianInEveryBufferOrder(ByteOrder order) {
        ByteBuffer target = ByteBuffer.allocate(20).order(order).position(3);

        DECODED.encode(target);

        assertThat(target.position()).isEqualTo(3 + Location.ENCODED_BYTES);
        assertThat(target.order()).isEqualTo(order);
        byte[] written = new byte[Location.ENCODED_BYTES];
        target.get(3, written);
        assertThat(written).isEqualTo(ENCODED);
    }

    @ParameterizedTest
    @MethodSource("orders")
    void decodeReadsLittleEndianInEveryBufferOrder(ByteOrder order) {
        ByteBuffer source = ByteBuffer.wrap(ENCODED).order(order);

        assertThat(Location.decode(source)).isEqualTo(DECODED);
        assertThat(source.hasRemaining()).isFalse();
        assertThat(source.order()).isEqualTo(order);
    }

    @Test
    void bufferOfElevenBytesIsTooSmall() {
        assertThatExceptionOfType(BufferOverflowException.class)
                .isThrownBy(() -> DECODED.encode(ByteBuffer.allocate(11)));
        assertThatExceptionOfType(BufferUnderflowException.class)
                .isThrownBy(() -> Location.decode(ByteBuffer.allocate(11)));
    }

    @Test
    void orderIsByFileThenOffsetThenLengthAsUnsignedNumbers() {
        List<Location> ascending = List.of(
                new Location(0, 0, 0),
                new Location(0, 0, MAX),
                new Location(0, 1, 0),
                new Location(0, MAX, 0),
                new Location(1, 0, 0),
                new Location(MAX, 0, 0));

        for (int i = 0; i < ascending.size(); i++) {
            for (int j = 0; j < ascending.size(); j++) {
                int compared = ascending.get(i).compareTo(ascending.get(j));
                assertThat(Integer.signum(compared)).isEqualTo(Integer.compare(i, j));
            }
        }
    }
}
