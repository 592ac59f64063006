package org.blobarena.content;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;

/** Keeps a temporary store of contents, and a stream that is on its way into it, until it is killed. */
final class TemporaryContentProgram {

    private TemporaryContentProgram() {}

    /** Argument: the directory. */
    public static void main(String[] args) throws Exception {
        ContentStore store = ContentStore.builder().temporary(Path.of(args[0]));
        store.put("a", new ByteArrayInputStream(new byte[3 << 20]));
        store.put("b", new InputStream() {
            private int count;

            @Override
            public int read() {
                return read(new byte[1], 0, 1);
            }

            @Override
            public int read(byte[] target, int from, int length) {
                int before = count;
                count += length;
                if (before <= 2 << 20 && count > 2 << 20) {
                    System.out.println("open"); // With a temporary file that has some of it.
                }
                return length;
            }
        });
    }
}
