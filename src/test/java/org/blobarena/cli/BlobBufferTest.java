package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobBufferTest {

    private static final int[] LENGTHS = {
        0,
        1,
        BlobBuffer.SMALL_BYTES - 1,
        BlobBuffer.SMALL_BYTES,
        BlobBuffer.SMALL_BYTES + 1,
        7 * BlobBuffer.SMALL_BYTES + 5,
        2 * BlobBuffer.SMALL_BYTES,
        3
    };

    @TempDir
    Path temp;

    @Test
    void readGivesTheSourceWhateverWasReadBefore() throws IOException {
        try (BlobBuffer buffer = new BlobBuffer()) {
            for (int length : LENGTHS) {
                byte[] content = content(length);
                var source = Channels.newChannel(new ByteArrayInputStream(content));

                assertThat(buffer.read(source, "source").equals(ByteBuffer.wrap(content)))
                        .as("%d bytes", length)
                        .isTrue();
            }
        }
    }

    @Test
    void roomHasExactlyTheSizeAndKeepsWhatIsPut() throws IOException {
        try (BlobBuffer buffer = new BlobBuffer()) {
            for (int length : LENGTHS) {
                byte[] content = content(length);
                ByteBuffer room = buffer.room("blob", length);

                assertThat(room.remaining()).isEqualTo(length);
                assertThat(room.put(content).flip().equals(ByteBuffer.wrap(content)))
                        .as("%d bytes", length)
                        .isTrue();
            }
        }
    }

    @Test
    void symbolicLinkIsNotRead() throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("link"), Trees.file(temp, "a", "secret"));
        try (BlobBuffer buffer = new BlobBuffer()) {
            assertThatThrownBy(() -> buffer.read(link)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void moreThanTheLimitIsRefusedByName() {
        assertThatThrownBy(() -> BlobBuffer.requireFits("it", BlobBuffer.BLOB_BYTES_MAX + 1L))
                .isInstanceOf(IOException.class)
                .hasMessage("it is too large: a blob has at most 2147483640 bytes");
    }

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }
}
