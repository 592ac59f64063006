package org.blobarena.arena.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ScratchTest {

    @Test
    void closedScratchIsTakenAgain() {
        Scratch first = Scratch.take();
        first.close();
        try (Scratch second = Scratch.take()) {
            assertThat(second).isSameAs(first);
        }
    }

    @Test
    void scratchClosedTwiceIsNotGivenToTwo() {
        Scratch twice = Scratch.take();
        twice.close();
        twice.close();
        List<Scratch> taken = new ArrayList<>();
        for (int i = 0; i < Scratch.COUNT; i++) {
            taken.add(Scratch.take());
        }

        Set<Scratch> distinct = new HashSet<>(taken);

        assertThat(distinct).hasSize(taken.size());
        taken.forEach(Scratch::close);
    }

    @Test
    void bufferIsEmptiedLittleEndianAndAsLargeAsWanted() {
        try (Scratch scratch = Scratch.take()) {
            scratch.buffer().put((byte) 1);

            assertThat(scratch.buffer().position()).isZero();
            assertThat(scratch.buffer().limit()).isEqualTo(Scratch.BYTES);
            assertThat(scratch.buffer().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
            assertThat(scratch.buffer().isDirect()).isTrue();
            assertThat(scratch.buffer(10).limit()).isEqualTo(10);
            assertThat(scratch.buffer(0).limit()).isZero();
            assertThat(scratch.buffer(1L << 33).limit()).isEqualTo(Scratch.BYTES);
        }
    }

    @Test
    void checksumStartsAnew() {
        try (Scratch scratch = Scratch.take()) {
            scratch.checksum().update(new byte[] {1, 2, 3});

            assertThat(scratch.checksum().getValue()).isEqualTo(new CRC32C().getValue());
        }
    }
}
