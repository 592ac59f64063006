package org.blobarena.content;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Reads content, and fails at its end if that has another digest. */
final class VerifiedStream extends InputStream {

    /** What to do with the digest at the end. */
    @FunctionalInterface
    interface Check {

        void check(Digest found) throws IOException;
    }

    private final InputStream content;
    private final Check check;
    private final MessageDigest sha256 = Digest.sha256();
    private boolean ended;

    VerifiedStream(InputStream content, Check check) {
        this.content = content;
        this.check = check;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        int count = content.read(target, from, length);
        if (count > 0) {
            sha256.update(target, from, count);
        } else if (count < 0 && !ended) {
            check.check(Digest.of(sha256));
            ended = true;
        }
        return count;
    }

    @Override
    public int available() throws IOException {
        return content.available();
    }

    @Override
    public void close() throws IOException {
        content.close();
    }
}
