package org.blobarena.cli.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** What may be compressed with gzip, in one piece or in several. */
final class Gzip {

    private static final byte[] MAGIC = {0x1f, (byte) 0x8b};

    private Gzip() {}

    /** Returns the content of a stream, closed with it. */
    static InputStream plain(InputStream in) throws IOException {
        PushbackInputStream whole = new PushbackInputStream(in, MAGIC.length);
        byte[] start = whole.readNBytes(MAGIC.length);
        whole.unread(start);
        if (!Arrays.equals(start, MAGIC)) {
            return whole;
        }
        return GzipCompressorInputStream.builder()
                .setInputStream(whole)
                .setDecompressConcatenated(true)
                .get();
    }
}
