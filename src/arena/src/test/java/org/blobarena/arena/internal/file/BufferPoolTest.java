package org.blobarena.arena.internal.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BufferPoolTest {

    private final BufferPool pool = new BufferPool();

    @Test
    void bufferThatWasGivenBackIsTakenAgainAndEmpty() {
        ByteBuffer buffer = pool.take(1000);
        buffer.putLong(1).flip();
        pool.give(buffer);

        ByteBuffer other = pool.take(1001);
        ByteBuffer again = pool.take(1000);

        assertThat(other).isNotSameAs(buffer);
        assertThat(again).isSameAs(buffer);
        assertThat(again.remaining()).isEqualTo(1000);
        assertThat(pool.take(1000)).as("a buffer that is in use").isNotSameAs(buffer);
    }

    @Test
    void noMoreStaysThanTheBoundAndOfThatTheNewest() {
        int bytes = BufferPool.BYTES_MAX / 4;
        List<ByteBuffer> given = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            given.add(ByteBuffer.allocateDirect(bytes));
        }
        given.forEach(pool::give);
        pool.give(ByteBuffer.allocateDirect(BufferPool.BYTES_MAX + 1));

        Set<ByteBuffer> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 6; i++) {
            kept.add(pool.take(bytes));
        }

        for (int i = 0; i < 6; i++) {
            assertThat(kept.contains(given.get(i))).as("buffer %d", i).isEqualTo(i >= 2);
        }
    }
}
