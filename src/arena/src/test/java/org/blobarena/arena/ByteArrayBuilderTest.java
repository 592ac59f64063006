package org.blobarena.arena;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.blobarena.arena.ArenaContent.bytes;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteArrayBuilderTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 256, 5000})
    void randomAppendsAndTruncationsGiveWhatAStreamGives(int capacity) {
        Random random = new Random(capacity);
        ByteArrayBuilder builder = new ByteArrayBuilder(capacity);
        ByteArrayOutputStream model = new ByteArrayOutputStream();
        for (int i = 0; i < 500; i++) {
            byte[] piece = bytes(i, random.nextInt(100));
            if (random.nextInt(20) == 0) {
                byte[] kept = model.toByteArray();
                builder.truncate(kept.length / 2);
                model.reset();
                model.write(kept, 0, kept.length / 2);
            } else if (random.nextBoolean()) {
                builder.append(piece);
                model.writeBytes(piece);
            } else {
                ByteBuffer buffer = ArenaContent.direct(piece);
                builder.append(buffer);
                model.writeBytes(piece);
                assertThat(buffer.hasRemaining()).isFalse();
            }
            assertThat(builder.length()).isEqualTo(model.size()).isLessThanOrEqualTo(builder.capacity());
        }
        assertThat(builder.toByteArray()).isEqualTo(model.toByteArray());
        assertThat(builder.asByteBuffer()).isEqualTo(ByteBuffer.wrap(model.toByteArray()));
        assertThat(builder.asByteBuffer().capacity()).isEqualTo(model.size());
        assertThat(builder.array()).startsWith(model.toByteArray());
    }

    @Test
    void clearedBuilderKeepsItsArray() {
        ByteArrayBuilder builder = new ByteArrayBuilder().append(new byte[10_000]);
        byte[] array = builder.array();

        builder.clear();
        builder.append("again".getBytes(UTF_8));

        assertThat(builder.array()).isSameAs(array);
        assertThat(builder.toString(UTF_8)).isEqualTo("again");
    }

    @Test
    void bufferOfABuilderCannotBeWrittenTo() {
        ByteBuffer view = new ByteArrayBuilder().append(new byte[1]).asByteBuffer();

        assertThatExceptionOfType(ReadOnlyBufferException.class).isThrownBy(() -> view.put((byte) 1));
    }

    @Test
    void moreThanAnArrayHoldsIsRefusedWithBothNumbersAndNothingIsAppended() {
        ByteArrayBuilder builder = new ByteArrayBuilder().append(new byte[100]);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.reserve(Integer.MAX_VALUE - 100))
                .withMessageContainingAll("2147483547", "100", "2147483639");

        assertThat(builder.length()).isEqualTo(100);
    }

    @Test
    void negativeCapacityAndLengthsOutOfRangeAreRefused() {
        ByteArrayBuilder builder = new ByteArrayBuilder().append(new byte[7]);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ByteArrayBuilder(-1))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.truncate(8))
                .withMessageContainingAll("8", "7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.truncate(-1))
                .withMessageContaining("-1");
        assertThat(builder.length()).isEqualTo(7);
    }
}
