package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZstdFrameTest {

    private static final int[] LEVELS = {-5, 1, 3, 19};

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 255, 256, 257, 65_535, 65_536, 300_000})
    void everyFrameIsAsLongAsItsLengthsSay(int contentBytes) throws FormatException {
        for (byte[] content : new byte[][] {new byte[contentBytes], random(contentBytes), text(contentBytes)}) {
            for (int level : LEVELS) {
                for (boolean checksum : new boolean[] {false, true}) {
                    for (boolean contentSize : new boolean[] {false, true}) {
                        byte[] frame = compress(content, level, checksum, contentSize);
                        ZstdFrame.requireOne(buffer(frame, frame.length));
                        assertThatThrownBy(() -> ZstdFrame.requireOne(buffer(frame, frame.length + 1)))
                                .isInstanceOf(FormatException.class);
                        for (int cut = 1; cut < Math.min(frame.length, 30); cut++) {
                            int length = frame.length - cut;
                            assertThatThrownBy(() -> ZstdFrame.requireOne(buffer(frame, length)))
                                    .isInstanceOf(FormatException.class);
                        }
                    }
                }
            }
        }
    }

    @Test
    void frameThatNeedsADictionaryIsRefused() {
        byte[] frame = compress(text(1000), 3, false, true);
        frame[4] |= 1;

        assertThatThrownBy(() -> ZstdFrame.requireOne(buffer(frame, frame.length)))
                .hasMessageContaining("dictionary");
    }

    private static byte[] compress(byte[] content, int level, boolean checksum, boolean contentSize) {
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            return context.setLevel(level)
                    .setChecksum(checksum)
                    .setContentSize(contentSize)
                    .compress(content);
        }
    }

    /** With a position and bytes behind the limit, as where many stand in one buffer. */
    private static ByteBuffer buffer(byte[] frame, int length) {
        ByteBuffer buffer = ByteBuffer.allocate(frame.length + 20).order(ByteOrder.LITTLE_ENDIAN);
        return buffer.put(7, frame).position(7).limit(7 + length);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) "some text that repeats ".charAt(i % 23);
        }
        return bytes;
    }
}
