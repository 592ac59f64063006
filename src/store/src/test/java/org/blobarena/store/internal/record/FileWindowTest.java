package org.blobarena.store.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileWindowTest {

    private static final int FILE_BYTES = 1000;

    private final List<String> reads = new ArrayList<>();

    /** A file of which each byte says where it stands. */
    private void read(ByteBuffer target, long offset) {
        reads.add(offset + "+" + target.remaining());
        for (long position = offset; target.hasRemaining(); position++) {
            target.put((byte) position);
        }
    }

    @Test
    void neighboursCostOneRead() throws Exception {
        FileWindow window = FileWindow.ofBytes(100);
        window.turnTo(this::read, FILE_BYTES);
        for (int position = 50; position < 150; position += 10) {
            assertThat(byteAt(window, position)).isEqualTo((byte) position);
        }
        assertThat(byteAt(window, 49)).isEqualTo((byte) 49);
        assertThat(byteAt(window, 990)).isEqualTo((byte) 990);

        assertThat(reads).containsExactly("50+100", "49+100", "990+10");
    }

    @Test
    void moreThanTheBufferHoldsIsReadInPieces() throws Exception {
        FileWindow window = FileWindow.ofBytes(100);
        window.turnTo(this::read, FILE_BYTES);
        int at = window.load(10, 250);

        assertThat(window.bytes().limit()).isGreaterThanOrEqualTo(at + 250);
        for (int i = 0; i < 250; i++) {
            assertThat(window.bytes().get(at + i)).isEqualTo((byte) (10 + i));
        }
        assertThat(reads).containsExactly("10+100", "110+100", "210+50");
        assertThat(window.piece(300, 500).remaining()).isEqualTo(100);
    }

    @Test
    void piecesAreWhatIsThereAndAtLeastOneByte() throws Exception {
        FileWindow window = FileWindow.ofBytes(100);
        window.turnTo(this::read, FILE_BYTES);
        window.load(0, 1);

        assertThat(window.piece(90, 20).remaining()).isEqualTo(10);
        assertThat(window.piece(90, 5).remaining()).isEqualTo(5);
        ByteBuffer next = window.piece(100, 20);
        assertThat(next.remaining()).isEqualTo(20);
        assertThat(next.get()).isEqualTo((byte) 100);
    }

    @Test
    void withALentBufferOnlyTheFirstReadIsLongerThanWhatIsAskedFor() throws Exception {
        FileWindow window = new FileWindow();
        window.turnTo(this::read, FILE_BYTES, ByteBuffer.allocate(100).limit(40));
        window.load(0, 32);
        window.load(0, 50);
        window.piece(60, 7);

        assertThat(reads).containsExactly("0+40", "0+50", "60+7");
    }

    @Test
    void anotherFileIsReadAnew() throws Exception {
        FileWindow window = FileWindow.ofBytes(100);
        window.turnTo(this::read, FILE_BYTES);
        window.load(0, 1);
        window.turnTo((target, offset) -> target.put(new byte[target.remaining()]), FILE_BYTES);

        assertThat(byteAt(window, 7)).isZero();
    }

    @Test
    void readThatFailsLeavesNothing() throws Exception {
        FileWindow window = FileWindow.ofBytes(100);
        boolean[] fails = {true};
        window.turnTo(
                (target, offset) -> {
                    if (fails[0]) {
                        throw new IOException("device");
                    }
                    read(target, offset);
                },
                FILE_BYTES);
        assertThatThrownBy(() -> window.load(0, 1)).hasMessage("device");
        fails[0] = false;

        assertThat(byteAt(window, 3)).isEqualTo((byte) 3);
    }

    @Test
    void asASourceItFillsBuffersLongerThanItself() throws Exception {
        FileWindow window = FileWindow.ofBytes(100);
        window.turnTo(this::read, FILE_BYTES);
        ByteBuffer target = ByteBuffer.allocate(256);
        window.read(target, 5);

        assertThat(target.hasRemaining()).isFalse();
        for (int i = 0; i < target.capacity(); i++) {
            assertThat(target.get(i)).isEqualTo((byte) (5 + i));
        }
    }

    private static byte byteAt(FileWindow window, long position) throws IOException {
        int at = window.load(position, 1);
        return window.bytes().get(at);
    }
}
