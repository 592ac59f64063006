package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class BlockTableTest {

    private static final int BLOCK = BlockTable.BLOCK_BYTES;

    @Property
    void lengthOfTheBlobFollowsFromThatOfThePayload(@ForAll @LongRange(max = 0xFFFF_FFFFL) long blobBytes)
            throws FormatException {
        requireInvertible(blobBytes);
    }

    @Test
    void lengthFollowsAroundEveryBoundaryOfBlocks() throws FormatException {
        for (long blocks = 1; blocks < 65_530; blocks += blocks < 40 ? 1 : 977) {
            for (long near = -6; near <= 6; near++) {
                requireInvertible(blocks * BLOCK + near);
            }
        }
    }

    private static void requireInvertible(long blobBytes) throws FormatException {
        long payloadBytes = BlockTable.payloadBytes(blobBytes);
        assertThat(BlockTable.blobBytes(payloadBytes)).isEqualTo(blobBytes);
        if (BlockTable.isNeeded(blobBytes)) {
            assertThat(payloadBytes).isEqualTo(blobBytes + 4L * BlockTable.blocks(blobBytes));
            BlockTable.requirePayload(payloadBytes);
        }
    }

    @Test
    void lengthsThatNoBlobHasAreRefused() {
        for (long payloadBytes = 0; payloadBytes < 4L * BLOCK; payloadBytes++) {
            long length = payloadBytes;
            boolean possible = false;
            for (int blocks = 2; blocks <= 4; blocks++) {
                long blobBytes = length - 4L * blocks;
                possible |= blobBytes > (blocks - 1L) * BLOCK && blobBytes <= (long) blocks * BLOCK;
            }
            if (possible) {
                assertThatCode(() -> BlockTable.requirePayload(length)).doesNotThrowAnyException();
            } else {
                assertThatThrownBy(() -> BlockTable.requirePayload(length)).isInstanceOf(FormatException.class);
            }
        }
    }

    @Property
    void longestBlobFitsAndOneByteMoreDoesNot(@ForAll @LongRange(max = 0xFFFF_FFFFL) long limit) {
        requireLongest(limit);
    }

    @Test
    void longestBlobFitsAroundEveryBoundaryOfPayloads() {
        for (long blocks = 1; blocks < 40; blocks++) {
            for (long near = -10; near <= 10; near++) {
                requireLongest(blocks * (BLOCK + 4) + near);
                requireLongest(blocks * BLOCK + near);
            }
        }
    }

    private static void requireLongest(long limit) {
        long longest = BlockTable.blobBytesMax(limit);
        assertThat(BlockTable.payloadBytes(longest)).isLessThanOrEqualTo(limit);
        assertThat(BlockTable.payloadBytes(longest + 1)).isGreaterThan(limit);
    }

    @Test
    void tableComesBackAndKnowsEveryBlock() throws FormatException {
        byte[] blob = new byte[40 * BLOCK + 17];
        new Random(1).nextBytes(blob);
        ByteBuffer bytes = BlockTable.of(ByteBuffer.wrap(blob)).encode();
        BlockTable read = new BlockTable();
        CRC32C checksum = new CRC32C();

        read.decode(bytes.limit(8), checksum);
        read.decode(bytes.limit(bytes.capacity()), checksum);

        assertThat(read.count()).isEqualTo(41);
        for (int block = 0; block < 41; block++) {
            CRC32C crc = new CRC32C();
            crc.update(blob, block * BLOCK, Math.min(BLOCK, blob.length - block * BLOCK));
            read.verify(block, (int) crc.getValue());
            int number = block;
            assertThatThrownBy(() -> read.verify(number, (int) crc.getValue() + 1))
                    .hasMessageContaining("block " + number);
        }
        CRC32C whole = new CRC32C();
        whole.update(bytes.rewind());
        assertThat(checksum.getValue()).isEqualTo(whole.getValue());
    }
}
